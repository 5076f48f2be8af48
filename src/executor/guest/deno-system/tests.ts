/** Deno.test and Deno.bench do nothing outside of `deno test` and `deno bench`: a file may hold its own tests. */
type Registers = (...args: unknown[]) => void;

const nothing = (): Registers => () => undefined;
/** `each(table)` gives what registers a test for every row. */
const withEach = (): Registers => Object.assign(nothing(), { each: () => nothing() });

const HOOKS = ["beforeAll", "beforeEach", "afterEach", "afterAll", "sanitizer"];

export const tests: Record<string, Registers> = {
  test: Object.assign(
    withEach(),
    { ignore: withEach(), only: withEach() },
    Object.fromEntries(HOOKS.map((name) => [name, nothing()])),
  ),
  bench: nothing(),
};
