/**
 * `bun scripts/wpt.ts CHECKOUT [--area url,encoding] [--file TEXT] [--runtime picloud,deno,bun]
 * [--json FILE] [--jobs N] [--minutes N] [--failures]`: the Web Platform Tests that need no document, in PiCloud and in others.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { AREAS } from "./wpt/areas.ts";
import { ProgramMaker } from "./wpt/program.ts";
import { behind, figuresOf, nameOf, sum, trouble } from "./wpt/results.ts";
import type { AreaFigures, FileResult } from "./wpt/results.ts";
import { createRunner, RUNTIMES } from "./wpt/runtimes.ts";
import type { Runner, Runtime } from "./wpt/runtimes.ts";
import { startServer } from "./wpt/server.ts";
import { findTests } from "./wpt/test-files.ts";
import type { TestFile, TestList } from "./wpt/test-files.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    area: { type: "string" },
    file: { type: "string", default: "" },
    runtime: { type: "string", default: "picloud,deno" },
    json: { type: "string" },
    minutes: { type: "string", default: "60" },
    jobs: { type: "string", default: "2" },
    failures: { type: "boolean", default: false },
  },
});

const jobs = Number(values.jobs);
const endsAt = performance.now() + Number(values.minutes) * 60_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Ends with a message on what is not one of the known names. */
function oneOf<Name extends string>(list: string, known: readonly Name[], what: string): Name[] {
  return list.split(",").map((name) => {
    const found = known.find((each) => each === name);
    if (found === undefined)
      throw new Error(`There is no ${what} "${name}"; choose from ${known.join(", ")}`);
    return found;
  });
}

async function runAll(
  tests: TestFile[],
  runtimes: Runtime[],
  maker: ProgramMaker,
  runner: Runner,
): Promise<FileResult[]> {
  const results: FileResult[] = [];
  const queue = tests.entries();
  const worker = async (): Promise<void> => {
    for (const [index, test] of queue) {
      if (performance.now() > endsAt) return;
      const program = await maker.make(test);
      const result: FileResult = { area: test.area, name: nameOf(test), reports: {} };
      for (const runtime of runtimes) result.reports[runtime] = await runner.run(runtime, program);
      results[index] = result;
      process.stderr.write(`${index + 1}/${tests.length} ${result.name}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  const done = results.filter((result) => result !== undefined);
  if (done.length < tests.length)
    say(`The time was over: ${done.length} of ${tests.length} tests ran.\n`);
  return done;
}

function row(figures: AreaFigures, runtimes: Runtime[]): string {
  const cells = runtimes.map((runtime) => {
    const passed = figures.passed[runtime] ?? 0;
    const share = figures.subtests === 0 ? 0 : (100 * passed) / figures.subtests;
    return `${passed} | ${share.toFixed(1)} % | ${figures.troubled[runtime] ?? 0}`;
  });
  return `| ${[figures.area, figures.files, figures.subtests, ...cells].join(" | ")} |`;
}

function printTable(results: FileResult[], areas: string[], runtimes: Runtime[]): void {
  const figures = areas.map((area) =>
    figuresOf(
      area,
      results.filter((result) => result.area === area),
      runtimes,
    ),
  );
  const heads = runtimes.map((runtime) => `${runtime} passed | share | files unfinished`);
  say(`| ${["area", "files", "subtests", ...heads].join(" | ")} |`);
  say(`|${" --- |".repeat(3 + 3 * runtimes.length)}`);
  for (const each of figures) say(row(each, runtimes));
  say(row(sum("all", figures, runtimes), runtimes));
}

function printFailures(results: FileResult[], areas: string[], reference: Runtime): void {
  say(`\nWhat ${reference} passes and picloud does not:`);
  for (const area of areas) {
    const files = results
      .filter((result) => result.area === area)
      .map((result) => ({ result, failures: behind(result, reference) }))
      .filter(({ failures }) => failures.length > 0);
    const count = files.reduce((total, { failures }) => total + failures.length, 0);
    if (count > 0) say(`\n# ${area}: ${count}`);
    for (const { result, failures } of files) {
      say(`\n## ${result.name}: ${failures.length}`);
      for (const [name, message] of failures)
        say(`- ${JSON.stringify(name)}\n    ${message.replaceAll("\n", "\n    ")}`);
    }
  }
}

function printTroubles(results: FileResult[], runtimes: Runtime[]): void {
  for (const runtime of runtimes) {
    const files = results.flatMap(({ name, reports }) => {
      const why = trouble(reports[runtime]);
      return why === null ? [] : [`- ${name}: ${why}`];
    });
    if (files.length > 0) say(`\nFiles that ${runtime} did not finish:\n${files.join("\n")}`);
  }
}

function printSkipped({ skipped }: TestList): void {
  if (skipped.length > 0) say(`\nFiles that were not run: ${skipped.length}`);
  for (const [path, why] of skipped) say(`- ${path}: ${why}`);
}

async function main(checkout: string): Promise<void> {
  const areas = oneOf(values.area ?? Object.keys(AREAS).join(), Object.keys(AREAS), "area");
  const runtimes = oneOf(values.runtime, RUNTIMES, "runtime");
  const list = await findTests(checkout, areas, (path) => path.includes(values.file));
  if (list.tests.length === 0)
    throw new Error(`No test in ${checkout} matches: is it a checkout of the Web Platform Tests?`);
  const server = startServer(checkout);
  const runner = createRunner(jobs);
  try {
    const results = await runAll(
      list.tests,
      runtimes,
      new ProgramMaker(checkout, server.origins),
      runner,
    );
    if (values.json !== undefined) await Bun.write(values.json, JSON.stringify(results));
    printTable(results, areas, runtimes);
    printTroubles(results, runtimes);
    const reference = runtimes.find((runtime) => runtime !== "picloud");
    if (values.failures && reference !== undefined) printFailures(results, areas, reference);
    printSkipped(list);
  } finally {
    await Promise.all([runner.close(), server.stop()]);
  }
}

const [checkout] = positionals;
if (checkout === undefined) throw new Error("Say where the checkout of the Web Platform Tests is");
await main(resolve(checkout));
// A test may have left a connection that would hold the process.
process.exit(0);
