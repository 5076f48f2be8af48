/** Rows of a large table a page at a time: decoding a hundred thousand at once would stop all traffic meanwhile. */
const PAGE_ROWS = 1000;

/** @param read the rows with an id above `after`, by id, at most `limit` of them */
export async function readPages<Row extends { id: string }>(
  read: (after: string | null, limit: number) => Promise<Row[]>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const page = await read(all.at(-1)?.id ?? null, PAGE_ROWS);
    for (const row of page) all.push(row);
    if (page.length < PAGE_ROWS) return all;
  }
}
