/** Waits for a condition, by asking again; fails after the bound. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  boundMs = 4000,
): Promise<void> {
  const end = performance.now() + boundMs;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`The condition did not come true within ${boundMs} ms`);
    await Bun.sleep(5);
  }
}
