import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildInput, BuildResult } from "../../src/shared/builder.ts";

const BUN = join(import.meta.dir, "../../node_modules/.bin/bun");
const LIB =
  "export function run() { return require('node:fs').readFileSync('/etc/passwd', 'utf8') }";
let folder: string;
let executable: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "builder-compiled-"));
  executable = join(folder, "builder");
  const flags = [
    "--compile",
    "--bytecode",
    "--format=esm",
    "--minify",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
  ];
  const child = Bun.spawn(
    [BUN, "build", ...flags, join(import.meta.dir, "compiled-entry.ts"), "--outfile", executable],
    { stdout: "ignore", stderr: "pipe" },
  );
  const errors = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(errors);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function build(sources: string[], more: Record<string, string> = {}): Promise<BuildResult[]> {
  const inputs: BuildInput[] = sources.map((source) => ({
    files: { "main.ts": source, ...more },
    entry: "main.ts",
  }));
  const child = Bun.spawn([executable], {
    stdin: new TextEncoder().encode(JSON.stringify(inputs)),
    stdout: "pipe",
  });
  return JSON.parse(await new Response(child.stdout).text()) as BuildResult[];
}

test("the executable builds, by a process of itself", async () => {
  const [plain, joined] = await build(
    ["export default (): number => 1", "import { x } from './x'; export default x"],
    { "x.ts": "export const x = 'joined'" },
  );
  expect(plain).toMatchObject({ ok: true });
  expect(joined?.ok === true ? joined.code : "").toContain("joined");
});

test("the executable runs no macro and reads no disk", async () => {
  const results = await build(
    [
      "import { run } from './lib.ts' with { type: 'macro' }; export default run()",
      "import { run } from './lib.ts' assert { type: 'macro' }; export default run()",
      "import { run } from 'macro:./lib.ts'; export default run()",
      "import { run } from './lib.ts' with { type: '\\x6dacro' }; export default run()",
      "import x from '/etc/passwd' with { type: 'text' }; export default x",
      "import x from '../../../../etc/passwd'; export default x",
      "import x from 'file:///etc/passwd'; export default x",
      "import x from '/etc/passwd' with { type: 'file' }; export default x",
    ],
    { "lib.ts": LIB },
  );
  for (const result of results) {
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain("root:");
  }
});

test("the executable refuses by name what no parser survives, and changes what QuickJS gets wrong", async () => {
  const nested = "[".repeat(100_000) + "]".repeat(100_000);
  const [deep, data, outside, loop] = await build(
    [
      `export default ${nested}`,
      "import a from './deep.json'; export default a",
      "import a from './constructor'; export default a",
      "export default async (x) => { for await (const y of x) if (y) return y }",
    ],
    { "deep.json": nested },
  );
  expect(deep).toMatchObject({ ok: false, message: "The code is nested too deeply" });
  expect(data).toMatchObject({ ok: false, file: "deep.json" });
  expect(outside).toMatchObject({ ok: false, line: 1, column: 15 });
  expect(loop?.ok === true ? loop.code : "for await").not.toContain("for await");
});
