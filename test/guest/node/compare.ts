/** Runs one file of cases in the sandbox and in Deno, and expects the same answers. */
import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createBuilder } from "../../../src/builder/create-builder.ts";
import { runInGuest } from "../../support/guest-lab.ts";

type Answers = Record<string, unknown>;

const ROOT = join(import.meta.dir, "../../..");
const RUN = `
const answers = {};
const late = () => new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), 3000));
for (const name of Object.keys(cases)) {
  try { answers[name] = { value: (await Promise.race([cases[name](), late()])) ?? null } }
  catch (error) { answers[name] = { error: error?.name, code: error?.code ?? null } }
}`;

async function inSandbox(source: string): Promise<Answers> {
  const builder = createBuilder();
  const files = {
    "cases.ts": source,
    "main.ts": `import { cases } from "./cases.ts";\n${RUN}\nexport default answers;`,
    "data/a.txt": "alpha\n",
  };
  const built = await builder.build({ files, entry: "main.ts" });
  builder.close();
  if (!built.ok) throw new Error(`${built.file}:${built.line} ${built.message}`);
  const { result, error } = await runInGuest(built.code, {
    files,
    env: { NAME: "value" },
    timeoutMs: 20_000,
  });
  if (error !== null) throw new Error(`${error.name}: ${error.message}\n${error.stack ?? ""}`);
  return result as Answers;
}

async function inDeno(path: string): Promise<Answers> {
  const main = `import { cases } from ${JSON.stringify(`file://${path}`)};${RUN}\nconsole.log(JSON.stringify(answers)); Deno.exit()`;
  const child = Bun.spawn(
    [join(ROOT, "node_modules/.bin/deno"), "run", "-A", "--no-check", "--quiet", "-"],
    {
      stdin: new TextEncoder().encode(main),
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, NO_COLOR: "1", NAME: "value", DENO_NO_UPDATE_CHECK: "1" },
    },
  );
  const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`Deno failed: ${errors}`);
  return JSON.parse(text.trim().split("\n").at(-1) ?? "") as Answers;
}

/** `known` holds what differs on purpose: the case's name, and the effect for scripts. */
export function compareWithDeno(
  path: string,
  names: readonly string[],
  known: Readonly<Record<string, string>> = {},
): void {
  let sandbox: Answers;
  let deno: Answers;
  beforeAll(async () => {
    const source = await Bun.file(path).text();
    [sandbox, deno] = await Promise.all([inSandbox(source), inDeno(path)]);
  });
  for (const name of names) {
    if (known[name] === undefined) test(name, () => expect(sandbox[name]).toEqual(deno[name]));
    else test.todo(`${name}: ${known[name]}`);
  }
  test("has a case for every name", () => {
    expect(Object.keys(sandbox).toSorted()).toEqual([...names].toSorted());
  });
}
