/** Compiled by compiled.test.ts: the builder as it is inside the executable. Prints one result for each build on stdin. */
import { createBuilder } from "../../src/builder/create-builder.ts";
import { runBuilderProcess } from "../../src/builder/process.ts";
import type { BuildInput } from "../../src/shared/builder.ts";

if (process.argv[2] === "builder") process.exit(await runBuilderProcess());

const builder = createBuilder();
const results: unknown[] = [];
for (const input of (await Bun.stdin.json()) as BuildInput[])
  results.push(await builder.build(input));
builder.close();
process.stdout.write(JSON.stringify(results));
