/**
 * Runs the conformance cases in the sandbox, in Deno and in Bun, and writes what agrees to
 * docs/conformance.md.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Comparison, Divergence } from "../test/conformance/compare.ts";

interface Report extends Comparison {
  area: string;
  known: Record<string, Divergence>;
}

const ROOT = join(import.meta.dir, "..");
const PAGE = join(ROOT, "docs/conformance.md");

async function collect(): Promise<Report[]> {
  const folder = await mkdtemp(join(tmpdir(), "picloud-conformance-"));
  try {
    const child = Bun.spawn([process.execPath, "test", "test/conformance"], {
      cwd: ROOT,
      env: { ...process.env, PICLOUD_CONFORMANCE_DIR: folder },
      stdout: "ignore",
      stderr: "inherit",
    });
    const code = await child.exited;
    if (code !== 0)
      throw new Error(`The conformance tests failed with ${code}: the table is not written`);
    const files = await readdir(folder);
    return await Promise.all(
      files.sort().map((file) => Bun.file(join(folder, file)).json() as Promise<Report>),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const escape = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function write(reports: Report[]): string {
  const rows = reports.map(({ area, cases, agreesWithDeno, agreesWithBun, failures, known }) => {
    const differing = failures.length + Object.keys(known).length;
    return `| ${area} | ${cases} | ${cases - differing} | ${agreesWithDeno} | ${agreesWithBun} | ${differing} |`;
  });
  const divergences = reports.flatMap(({ area, known }) =>
    Object.entries(known).map(
      ([name, { effect, reason }]) =>
        `| ${area} | ${escape(name)} | ${escape(effect)} | ${escape(reason)} |`,
    ),
  );
  return `# Conformance

Written by \`bun scripts/conformance-table.ts\`. Each file of \`test/conformance\` runs unchanged in the sandbox, in Deno and in Bun. A case passes
when the sandbox gives the same answer as one of the two; every other case is a divergence. Those that have a name are below, with their effect;
of \`stream-schedules\`, which are random, only the order of microtasks differs.

| area | cases | pass | as in Deno | as in Bun | divergences |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

## Divergences

| area | case | effect | reason |
| --- | --- | --- | --- |
${divergences.join("\n")}

WebAssembly runs in the host's engine: what differs there is in its [README](../src/executor/host/wasm/README.md).
`;
}

await Bun.write(PAGE, write(await collect()));
