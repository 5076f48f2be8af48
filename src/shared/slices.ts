/** Long work in short pieces, with the event loop free between them. */
const SLICE_MS = 2;

/** Calls `each` for every item; never for longer than some 2 ms at a time. */
export async function inSlices<Item>(
  items: Iterable<Item>,
  each: (item: Item) => unknown,
): Promise<void> {
  let until = performance.now() + SLICE_MS;
  for (const item of items) {
    each(item);
    if (performance.now() < until) continue;
    await breath();
    until = performance.now() + SLICE_MS;
  }
}

/** Resolves when what waits in the event loop has had its turn. */
const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
