// `npm test`: everything that CI runs. `node scripts/test.mjs PART...` runs some of it:
// check, unit, build, e2e, or the name of a folder under test/.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { bun, ensureInstalled, root } from "./lib/install.mjs";

/** Suites that need the built executable or a browser, or the whole machine: run last, one at a time. */
const END_TO_END = ["build", "e2e"];
const CHECKS = ["format:check", "lint", "types", "dead", "docs"];
const SUITE_MINUTES = 10;
const AT_ONCE = 2;

ensureInstalled();
const parts = process.argv.slice(2);
const suites = readdirSync(path.join(root, "test"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && hasTests(path.join(root, "test", entry.name)))
  .map((entry) => entry.name);
const unit = suites.filter((suite) => !END_TO_END.includes(suite));
const total = { passed: 0, failed: 0, skipped: 0 };
const began = performance.now();

if (wants("check")) await atOnce(CHECKS.map((name) => () => check(name)));
const chosen = unit.filter((suite) => wants("unit") || parts.includes(suite));
if (chosen.length > 0)
  await withDatabase((env) => atOnce(chosen.map((name) => () => suite(name, env))));
const late = END_TO_END.filter(
  (suite) => suites.includes(suite) && (wants("e2e") || parts.includes(suite)),
);
if (wants("build") || late.length > 0) await check("build");
const executable = path.join(root, "dist", `picloud-linux-${process.arch}`);
for (const name of late) await suite(name, { PICLOUD_TEST_EXECUTABLE: executable });

const seconds = ((performance.now() - began) / 1000).toFixed(0);
process.stdout.write(`\nAll parts ended after ${seconds} s\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
// Suites that ran no test are as bad as one that failed; the checks alone have none.
const ranNothing = total.passed === 0 && chosen.length + late.length > 0;
process.exitCode = total.failed > 0 || ranNothing ? 1 : 0;

function wants(part) {
  return parts.length === 0 || parts.includes(part);
}

function hasTests(folder) {
  return readdirSync(folder, { recursive: true }).some((name) => name.endsWith(".test.ts"));
}

async function atOnce(jobs) {
  const queue = [...jobs];
  const worker = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) await job();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Runs a command to its end and gives its exit code and all it printed. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const timer = setTimeout(() => {
      output += `\nStopped after ${SUITE_MINUTES} minutes\n`;
      child.kill("SIGKILL");
    }, SUITE_MINUTES * 60_000);
    child.on("error", (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });
}

async function check(name) {
  const start = performance.now();
  const { code, output } = await run("npm", ["run", "--silent", name]);
  report(`check ${name}`, start, code === 0 ? "ok" : "FAILED");
  if (code === 0) return;
  total.failed += 1;
  process.stdout.write(output);
}

async function suite(name, env) {
  const start = performance.now();
  const { code, output } = await run(
    bun,
    ["test", "--only-failures", "--timeout=60000", `./test/${name}/`],
    env,
  );
  const count = (word) => Number(new RegExp(`^\\s*(\\d+) ${word}$`, "m").exec(output)?.[1] ?? 0);
  const passed = count("pass");
  const skipped = count("skip") + count("todo");
  // A suite that dies without a summary has failed, whatever it counted before.
  const failed = code === 0 ? 0 : Math.max(1, count("fail"));
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  report(
    `test/${name}`,
    start,
    `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""} in this suite`,
  );
  if (failed > 0) process.stdout.write(output);
}

function report(what, start, result) {
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${what}: ${result}\n`);
}

/** One PostgreSQL for all suites; it ends when its standard input does, so also when this process is killed. */
async function withDatabase(work) {
  const file = path.join(root, "test/support/postgres-server.ts");
  if (!existsSync(file)) return work({});
  const server = spawn(bun, [file], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.on("close", resolve));
  const line = await new Promise((resolve) => {
    server.stdout.once("data", (chunk) => resolve(String(chunk).trim()));
    server.on("close", () => resolve(""));
  });
  if (line === "") {
    process.stdout.write("Cannot start PostgreSQL for the tests\n");
    total.failed += 1;
    return;
  }
  try {
    await work({ PICLOUD_TEST_DATABASE: line });
  } finally {
    server.stdin.end();
    await ended;
  }
}
