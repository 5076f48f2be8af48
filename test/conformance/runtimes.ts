/** The same file of cases in the sandbox, in Deno and in Bun. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInGuest } from "../support/guest-lab.ts";
import type { Outcomes } from "./outcomes.ts";

export type Runtime = "guest" | "deno" | "bun";

const RUN_MS = 60_000;
const root = join(import.meta.dir, "../..");

/** One module of plain JavaScript that exports the outcomes by default. `file` is a *.cases.ts of this folder. */
async function bundleCases(file: string): Promise<string> {
  const entry = `
    import { cases } from ${JSON.stringify(join(import.meta.dir, file))};
    import { outcomesOf } from ${JSON.stringify(join(import.meta.dir, "outcomes.ts"))};
    export default outcomesOf(cases);`;
  const built = await Bun.build({
    entrypoints: ["/entry.ts"],
    files: { "/entry.ts": entry },
    target: "browser",
    format: "esm",
  });
  const [output] = built.outputs;
  if (!built.success || output === undefined)
    throw new Error(`Cases of ${file} do not bundle: ${built.logs.map(String).join("; ")}`);
  return output.text();
}

async function runInProcess(command: string[], code: string): Promise<Outcomes> {
  const folder = await mkdtemp(join(tmpdir(), "picloud-conformance-"));
  try {
    const file = join(folder, "cases.mjs");
    // What a case leaves open must not hold the process.
    const reporter = `import outcomes from ${JSON.stringify(file)}; console.log("\\n" + JSON.stringify(await outcomes));
      (globalThis.Deno ?? process).exit(0);`;
    await Promise.all([Bun.write(file, code), Bun.write(join(folder, "main.mjs"), reporter)]);
    const child = Bun.spawn([...command, join(folder, "main.mjs")], {
      stdout: "pipe",
      stderr: "inherit",
      cwd: folder,
      timeout: RUN_MS,
    });
    const text = await new Response(child.stdout).text();
    return JSON.parse(text.trim().split("\n").at(-1) ?? "") as Outcomes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws when the module itself fails; a case that throws is an outcome. */
export async function outcomesIn(runtime: Runtime, file: string): Promise<Outcomes> {
  const code = await bundleCases(file);
  if (runtime === "bun") return runInProcess([process.execPath], code);
  if (runtime === "deno")
    return runInProcess(
      [join(root, "node_modules/.bin/deno"), "run", "--quiet", "--allow-all"],
      code,
    );
  const { result, error } = await runInGuest(code, { timeoutMs: RUN_MS });
  if (error !== null)
    throw new Error(
      `Cases of ${file} failed in the sandbox: ${error.name}: ${error.message}\n${error.stack ?? ""}`,
    );
  return result as Outcomes;
}
