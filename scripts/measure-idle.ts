/**
 * `bun scripts/measure-idle.ts [executable [seconds before it counts as idle]]`: first and second start to the first answer, resident
 * memory of the whole process tree when idle, and what it does in a minute of nothing.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const IDLE_MS = 30_000;
const READY_MS = 120_000;
const executable = process.argv[2];
const settleMs = Number(process.argv[3] ?? 5) * 1_000;
const source = [process.execPath, path.resolve(import.meta.dir, "../src/main.ts")];
const command = executable === undefined ? source : [path.resolve(executable)];

const dataDir = mkdtempSync(path.join(tmpdir(), "picloud-idle-"));
chmodSync(dataDir, 0o711);
try {
  await run("first start");
  await run("second start");
  await run("third start", true);
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function run(name: string, measure = false): Promise<void> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const began = performance.now();
  const child = Bun.spawn([...command, "serve"], {
    cwd: dataDir,
    env: { ...process.env, PICLOUD_DATA_DIR: dataDir, PICLOUD_BIND: `127.0.0.1:${port}` },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    await observe(name, port, began, child, measure);
  } finally {
    child.kill("SIGTERM");
  }
  const stopping = performance.now();
  const code = await child.exited;
  console.log(`stopped with ${code} in ${Math.round(performance.now() - stopping)} ms\n`);
}

async function observe(
  name: string,
  port: number,
  began: number,
  child: Bun.Subprocess,
  measure: boolean,
): Promise<void> {
  await answers(`http://127.0.0.1:${port}/healthz`, child);
  console.log(`${name} to listening: ${Math.round(performance.now() - began)} ms`);
  await answers(`http://localhost:${port}/hello`, child);
  console.log(
    `${name} to the first answer of a script: ${Math.round(performance.now() - began)} ms`,
  );
  if (measure) await reportIdle(child.pid);
}

async function answers(url: string, child: Bun.Subprocess): Promise<void> {
  const end = performance.now() + READY_MS;
  while (performance.now() < end && child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await Bun.sleep(5);
  }
  throw new Error(`Cannot measure: ${url} did not answer`);
}

async function reportIdle(pid: number): Promise<void> {
  await Bun.sleep(settleMs);
  const before = new Map(tree(pid).map((each) => [each, activity(each)]));
  await Bun.sleep(IDLE_MS);
  const perMinute = 60_000 / IDLE_MS;
  let total = 0;
  console.log("  PSS MB  RSS MB  CPU ticks and context switches a minute");
  for (const each of tree(pid)) {
    const { pss, rss } = memory(each);
    const then = before.get(each) ?? { ticks: 0, switches: 0 };
    const now = activity(each);
    const ticks = (now.ticks - then.ticks) * perMinute;
    const switches = (now.switches - then.switches) * perMinute;
    const figures = [pss / 1024, rss / 1024, ticks, switches];
    console.log(`${figures.map((n) => n.toFixed(0).padStart(8)).join("")}  ${title(each)}`);
    total += pss;
  }
  console.log(`the whole tree idle: ${(total / 1024).toFixed(1)} MB PSS`);
}

function tree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = read(`/proc/${entry}/stat`)
      .replace(/^.*\) /, "")
      .split(" ")[1];
    parents.set(Number(entry), Number(parent));
  }
  const found = [root];
  for (const pid of found)
    for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

function memory(pid: number): { pss: number; rss: number } {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { pss: kilobytes("Pss"), rss: kilobytes("Rss") };
}

function activity(pid: number): { ticks: number; switches: number } {
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /, "")
    .split(" ");
  let switches = 0;
  for (const thread of new Bun.Glob("*").scanSync({ cwd: `/proc/${pid}/task`, onlyFiles: false })) {
    const status = read(`/proc/${pid}/task/${thread}/status`);
    for (const [, count] of status.matchAll(/ctxt_switches:\s+(\d+)/g)) switches += Number(count);
  }
  return { ticks: Number(fields[11] ?? 0) + Number(fields[12] ?? 0), switches };
}

function title(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").slice(0, 60);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
