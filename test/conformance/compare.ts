/** Judges the sandbox by Deno and Bun: each case must agree with one of them, or be a named divergence. */
import { join } from "node:path";
import { outcomesIn } from "./runtimes.ts";

/** Where `scripts/conformance-table.ts` collects what a run of these tests finds. */
const REPORT_DIR = process.env["PICLOUD_CONFORMANCE_DIR"];

export interface Divergence {
  /** What a script sees that it would not see elsewhere. */
  effect: string;
  reason: string;
}

export interface Comparison {
  cases: number;
  agreesWithDeno: number;
  agreesWithBun: number;
  /** Neither reference gives the sandbox's answer, and no divergence names the case. */
  failures: { name: string; guest: unknown; deno: unknown; bun: unknown }[];
  /** Named, yet agreeing: the name is out of date. */
  stale: string[];
}

export async function compareArea(
  file: string,
  known: Readonly<Record<string, Divergence>> = {},
): Promise<Comparison> {
  const [guest, deno, bun] = await Promise.all([
    outcomesIn("guest", file),
    outcomesIn("deno", file),
    outcomesIn("bun", file),
  ]);
  const comparison: Comparison = {
    cases: 0,
    agreesWithDeno: 0,
    agreesWithBun: 0,
    failures: [],
    stale: [],
  };
  for (const [name, outcome] of Object.entries(guest)) {
    const asDeno = Bun.deepEquals(outcome, deno[name]);
    const asBun = Bun.deepEquals(outcome, bun[name]);
    comparison.cases += 1;
    if (asDeno) comparison.agreesWithDeno += 1;
    if (asBun) comparison.agreesWithBun += 1;
    const agrees = asDeno || asBun;
    if (agrees && name in known) comparison.stale.push(name);
    if (!agrees && !(name in known))
      comparison.failures.push({ name, guest: outcome, deno: deno[name], bun: bun[name] });
  }
  if (REPORT_DIR !== undefined) {
    const report = { area: file.replace(".cases.ts", ""), ...comparison, known };
    await Bun.write(join(REPORT_DIR, `${report.area}.json`), JSON.stringify(report));
  }
  return comparison;
}
