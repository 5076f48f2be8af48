/**
 * From saving to live: `pic deploy` until the new version answers, and a save under `pic dev`. Takes the
 * executable when it is built, else the source form. Prints medians over the rounds, in milliseconds.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, OWNER, startInstance } from "../test/support/instance.ts";
import { median } from "./statistics.ts";

const ROUNDS = 15;
const WAIT_MS_MAX = 10_000;
const executable = join(import.meta.dir, "../dist/picloud-linux-x64");
const program = existsSync(executable)
  ? [executable]
  : [process.execPath, join(import.meta.dir, "../src/main.ts")];

const home = mkdtempSync(join(tmpdir(), "picloud-bench-"));
const folder = join(home, "site");
const main = join(folder, "main.ts");

async function pic(argv: string[], env: Record<string, string>, stdin = ""): Promise<void> {
  const child = Bun.spawn([...program, "pic", ...argv], {
    env: { PATH: process.env["PATH"], HOME: home, ...env },
    stdin: new Blob([stdin]),
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text());
}

/** Asks until the answer holds the mark; resolves with the time of that answer. */
async function untilLive(ask: () => Promise<Response>, mark: string): Promise<number> {
  const deadline = performance.now() + WAIT_MS_MAX;
  while (performance.now() < deadline) {
    const text = await (await ask()).text();
    if (text.includes(mark)) return performance.now();
  }
  throw new Error(`"${mark}" was not live after ${WAIT_MS_MAX} ms`);
}

const sourceWith = (mark: string): string =>
  `import { mark } from "./mark.ts";\nDeno.serve(() => Response.json({ mark, was: ${JSON.stringify(mark)} }));\n`;

async function deployRounds(): Promise<number[]> {
  const cloud = await startInstance({ command: program });
  const env = { PICLOUD_URL: cloud.url };
  await pic(["login", "-u", OWNER.username], env, OWNER.password);
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    await writeFile(main, sourceWith(`v${round}.`));
    const started = performance.now();
    const [live] = await Promise.all([
      untilLive(() => cloud.ask("site.localhost", "/"), `v${round}.`),
      pic(["deploy", folder], env),
    ]);
    // The first one makes the app.
    if (round > 0) times.push(live - started);
  }
  await cloud.dispose();
  return times;
}

async function devRounds(): Promise<number[]> {
  const port = await freePort();
  const child = Bun.spawn([...program, "pic", "dev", folder, "--port", String(port)], {
    env: { PATH: process.env["PATH"], HOME: home },
    stdout: "ignore",
    stderr: "ignore",
  });
  const ask = (): Promise<Response> =>
    fetch(`http://localhost:${port}/`).catch(() => new Response(""));
  const first = /v\d+\./.exec(await readFile(main, "utf8"))?.[0] ?? "";
  await untilLive(ask, first);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await Bun.sleep(100);
    const started = performance.now();
    await writeFile(main, sourceWith(`d${round}.`));
    times.push((await untilLive(ask, `d${round}.`)) - started);
  }
  child.kill("SIGTERM");
  await child.exited;
  return times;
}

async function coldStarts(): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await Bun.spawn([...program, "pic", "--version"], { stdout: "ignore" }).exited;
    times.push(performance.now() - started);
  }
  return times;
}

await pic(["init", "hello", folder, "--app", "site"], {});
await writeFile(join(folder, "mark.ts"), 'export const mark = "mark";\n');
const rows: [string, number[]][] = [
  ["pic --version, whole process", await coldStarts()],
  ["pic deploy, start to live", await deployRounds()],
  ["pic dev, save to live", await devRounds()],
];
for (const [name, times] of rows) {
  const [low, high] = [Math.min(...times), Math.max(...times)];
  process.stdout.write(
    `${name}: median ${median(times).toFixed(0)} ms (${low.toFixed(0)}-${high.toFixed(0)}, ${times.length} rounds)\n`,
  );
}
rmSync(home, { recursive: true, force: true });
