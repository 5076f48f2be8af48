/** Runs a table of cases in whatever runtime loads it. Must not use anything but the language. */

/** A case gives a JSON value, or throws; both are what is compared. */
export type CaseTable = Readonly<Record<string, () => unknown>>;
export type Outcomes = Record<string, unknown>;

function describeThrown(error: unknown): { threw: string } {
  if (!(error instanceof Error)) return { threw: `a ${typeof error}` };
  return { threw: error.name === "Error" ? `Error: ${error.message}` : error.name };
}

/** Members in one order, so that only what specifications say about order is compared. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  );
}

/** @public Named in the module text that runtimes.ts makes. */
export async function outcomesOf(table: CaseTable): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  for (const [name, run] of Object.entries(table)) {
    try {
      const value: unknown = await run();
      outcomes[name] = value === undefined ? null : canonical(JSON.parse(JSON.stringify(value)));
    } catch (error) {
      outcomes[name] = describeThrown(error);
    }
  }
  return outcomes;
}
