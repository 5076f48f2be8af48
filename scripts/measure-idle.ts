/**
 * `bun scripts/measure-idle.ts [executable]`: first and second start to the first answer, resident
 * memory of the whole process tree when idle, and what it does in a minute of nothing.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chmodSync } from "node:fs";

const IDLE_MS = 30_000;
const SETTLE_MS = 5_000;
const READY_MS = 120_000;
const executable = process.argv[2];
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
  await answers(`http://127.0.0.1:${port}/healthz`, child);
  console.log(`${name} to listening: ${Math.round(performance.now() - began)} ms`);
  await answers(`http://localhost:${port}/hello`, child);
  console.log(
    `${name} to the first answer of a script: ${Math.round(performance.now() - began)} ms`,
  );
  if (measure) await reportIdle(child.pid);
  child.kill("SIGTERM");
  const stopping = performance.now();
  const code = await child.exited;
  console.log(`stopped with ${code} in ${Math.round(performance.now() - stopping)} ms\n`);
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
  await Bun.sleep(SETTLE_MS);
  const before = activity(pid);
  await Bun.sleep(IDLE_MS);
  const after = activity(pid);
  const perMinute = 60_000 / IDLE_MS;
  for (const each of tree(pid)) {
    const { pss, rss } = memory(each);
    console.log(
      `  ${String(Math.round(pss / 1024)).padStart(5)} MB PSS ${String(Math.round(rss / 1024)).padStart(5)} MB RSS  ${title(each)}`,
    );
  }
  const total = tree(pid).reduce((sum, each) => sum + memory(each).pss, 0);
  console.log(`the whole tree idle: ${(total / 1024).toFixed(1)} MB PSS`);
  console.log(
    `in a minute: ${(after.ticks - before.ticks) * perMinute} ticks of CPU (10 ms), ${(after.switches - before.switches) * perMinute} context switches`,
  );
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
  let ticks = 0;
  let switches = 0;
  for (const each of tree(pid)) {
    const fields = read(`/proc/${each}/stat`)
      .replace(/^.*\) /, "")
      .split(" ");
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    for (const thread of readdirSync(`/proc/${each}/task`)) {
      for (const [, count] of read(`/proc/${each}/task/${thread}/status`).matchAll(
        /ctxt_switches:\s+(\d+)/g,
      ))
        switches += Number(count);
    }
  }
  return { ticks, switches };
}

const title = (pid: number): string =>
  read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").slice(0, 60);

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
