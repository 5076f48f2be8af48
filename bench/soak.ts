/**
 * `bun bench/soak.ts [--minutes N] [--load SHARE | --rate N]`: the whole platform under load, failing scripts mixed in,
 * clients that leave, connections that never become a request, and WebSockets. The load is a share of what the platform
 * was able to answer in a first minute, half of it by default, or so many requests a second. Prints each minute what
 * memory, file descriptors and CPU time the platform's processes have, PostgreSQL left out, and fails where memory has
 * grown or something was left behind.
 */
import { connect } from "node:net";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startInstance, type Instance } from "../test/support/instance.ts";
import { residentMb, show } from "./support.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    load: { type: "string", default: "0.5" },
    rate: { type: "string" },
  },
});
for (const [name, text] of Object.entries(values))
  if (!(Number(text) > 0)) throw new Error(`--${name} must be a number above 0, and not "${text}"`);
const minutes = Number(values.minutes);
// The last third is held against the second: the first is for the compilers.
if (!(minutes >= 3))
  throw new Error("Cannot judge memory in less than three minutes: give --minutes 3 or more");

/** Of a hundred requests so many, and what is asked for. */
const MIX: [share: number, name: string, source: string][] = [
  [58, "hello", "export default (request, info) => ({ hello: info.params.name })"],
  [
    10,
    "late",
    "export default async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return 'late' }",
  ],
  [
    8,
    "stream",
    "export default () => new Response(new ReadableStream({ start(c) { for (let i = 0; i < 20; i++) c.enqueue(new Uint8Array(1000)); c.close() } }))",
  ],
  [
    4,
    "echo",
    "export default async (request) => new Response((await request.bytes()).length + ' bytes')",
  ],
  [8, "throws", "export default () => { throw new Error('on purpose') }"],
  [4, "nothing", "export default () => undefined"],
  [
    4,
    "objects",
    "export default () => { const a = []; for (let i = 0; i < 2e4; i++) a.push({ i, s: 'x' + i }); return a.length }",
  ],
  [2, "memory", "export default () => { const a = []; for (;;) a.push(new Array(1000).fill(1)) }"],
  [1, "loop", "export default () => { for (;;); }"],
  [1, "deep", "export default function f() { return f() + 1 }"],
];
const SOCKET = `export default (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}`;
const METRICS_TOKEN = "soak-metrics";
const HOST = "127.0.0.1";
const BODY = new Uint8Array(100_000);
/** Of a hundred requests so many whose client leaves before the answer. */
const LEAVING = 3;

const executable = join(import.meta.dir, "../dist/picloud-linux-x64");
const cloud = await startInstance({
  ...(existsSync(executable) ? { command: [executable] } : {}),
  env: { PICLOUD_LOG_LEVEL: "error", PICLOUD_METRICS_TOKEN: METRICS_TOKEN },
});
const scripts = MIX.flatMap(([share, name]) => Array.from({ length: share }, () => name));
let times: number[] = [];
/** Requests without an answer yet. */
const open = { waiting: 0 };
/** What should not have been answered so, each time that it was. */
const wrongs: string[] = [];

async function deploy(to: Instance): Promise<void> {
  const app = await to.api<{ id: string }>("POST", "/apps", { slug: "soak", name: "Soak" });
  await to.api("POST", `/apps/${app.body.id}/domains`, { host: HOST });
  for (const [name, source] of [...MIX.map(([, n, s]) => [n, s] as const), ["socket", SOCKET]]) {
    const script = await to.api<{ id: string }>("POST", "/scripts", {
      app_id: app.body.id,
      name,
      source,
      limits: { cpu_ms: name === "loop" ? 30 : 1_000, memory_mb: 16, concurrency: 10_000 },
    });
    const route = await to.api("POST", `/scripts/${script.body.id}/routes`, {
      path: `/${name}/:name`,
    });
    if (route.status !== 201) throw new Error(`Cannot deploy ${name}: ${JSON.stringify(route)}`);
  }
}

const EXPECTED: Readonly<Record<string, number>> = {
  throws: 502,
  loop: 507,
  memory: 507,
  deep: 502,
  nothing: 502,
};

async function ask(): Promise<void> {
  const name = scripts[Math.floor(Math.random() * scripts.length)] ?? "hello";
  const leaves = Math.random() * 100 < LEAVING;
  open.waiting += 1;
  const startedAt = performance.now();
  try {
    const response = await fetch(`${cloud.url}/${name}/anna`, {
      ...(name === "echo" ? { method: "POST", body: BODY } : {}),
      ...(leaves ? { signal: AbortSignal.timeout(Math.floor(Math.random() * 10)) } : {}),
    });
    await response.bytes();
    if (response.status !== (EXPECTED[name] ?? 200))
      wrongs.push(`${name}: status ${response.status}`);
    times.push(performance.now() - startedAt);
  } catch (error) {
    if (!leaves) wrongs.push(`${name}: ${String(error)}`);
  }
  open.waiting -= 1;
}

/** A head that never ends, from a client that goes. */
function half(): void {
  const socket = connect(cloud.port, HOST, () => socket.write("GET / HTTP/1.1\r\nHost: "));
  socket.on("error", () => undefined);
  setTimeout(() => socket.destroy(), 500);
}

function chat(): void {
  const socket = new WebSocket(`ws://${HOST}:${cloud.port}/socket/anna`);
  socket.onopen = () => socket.send("x".repeat(10_000));
  socket.onmessage = () => socket.close();
  socket.onerror = () => wrongs.push("a WebSocket failed");
}

/** The platform and its executors, without PostgreSQL. */
function processes(): number[] {
  const found = [cloud.pid];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, "latin1"))?.[1];
      const command = readFileSync(`/proc/${entry}/cmdline`, "latin1");
      if (Number(parent) === cloud.pid && !command.includes("postgres")) found.push(Number(entry));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

const descriptors = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);

function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

async function metric(name: string): Promise<number> {
  const response = await fetch(`${cloud.url}/metrics`, {
    headers: { authorization: `Bearer ${METRICS_TOKEN}` },
  });
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(await response.text())?.[1]);
}

/** Prints a minute; gives the memory of all processes in MB. */
async function sample(minute: number, cpuBefore: number): Promise<number> {
  const pids = processes();
  let memoryMb = 0;
  for (const pid of pids) memoryMb += await residentMb(pid);
  const opened = descriptors(pids);
  const share = ((cpuSeconds(pids) - cpuBefore) / 60) * 100;
  console.log(
    `minute ${minute}: ${memoryMb.toFixed(0)} MB in ${pids.length} processes, ${opened} descriptors, ${share.toFixed(0)} % of a core, ` +
      `${await metric("picloud_inline_executions_total")} inline, ${await metric("picloud_executions_running")} running, ${open.waiting} waiting, ${wrongs.length} wrong, ${show(times)}`,
  );
  times = [];
  return memoryMb;
}

/** Clients that ask again as soon as they are answered. */
const CLIENTS = 32;

/** Requests of the mix that are answered in a second. */
async function capacity(seconds: number): Promise<number> {
  let answered = 0;
  const until = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    for (; performance.now() < until; answered += 1) await ask();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answered / seconds;
}

async function loadRate(): Promise<number> {
  if (values.rate !== undefined) return Number(values.rate);
  // The first requests are for the compilers.
  await capacity(20);
  const most = await capacity(40);
  const rate = Math.round(most * Number(values.load));
  console.log(
    `${CLIENTS} clients get ${most.toFixed(0)} answers a second: ${rate} requests/s from here`,
  );
  times = [];
  return rate;
}

const TICKS_PER_SECOND = 50;

await deploy(cloud);
const rate = await loadRate();
const memory: number[] = [];
for (let minute = 1; minute <= minutes; minute += 1) {
  const before = cpuSeconds(processes());
  const startedAt = performance.now();
  let asked = 0;
  for (let tick = 1; tick <= 60 * TICKS_PER_SECOND; tick += 1) {
    for (; asked < (tick * rate) / TICKS_PER_SECOND; asked += 1) void ask();
    if (tick % TICKS_PER_SECOND === 0) half();
    if (tick % TICKS_PER_SECOND === 25) chat();
    await Bun.sleep(Math.max(0, startedAt + (tick * 1000) / TICKS_PER_SECOND - performance.now()));
  }
  memory.push(await sample(minute, before));
}
for (let i = 0; i < 200 && open.waiting > 0; i += 1) await Bun.sleep(50);
// Connections that idle are closed by then, and nothing runs.
await Bun.sleep(40_000);
const running = await metric("picloud_executions_running");
const idle = descriptors([cloud.pid]);
await cloud.dispose();

// A busy minute has more sandboxes in it; what leaks is there in every minute that follows.
const part = Math.ceil(memory.length / 3);
const grown = median(memory.slice(-part)) - median(memory.slice(part, 2 * part));
console.log(
  `${running} left running, ${open.waiting} without an answer, ${wrongs.length} wrong answers, ${idle} descriptors when idle; ` +
    `median memory of the last third above that of the second: ${grown.toFixed(0)} MB`,
);
for (const [what, all] of Map.groupBy(wrongs, (one) => one)) console.log(`${all.length} x ${what}`);
if (running > 0 || open.waiting > 0 || wrongs.length > 0 || grown > 20) process.exitCode = 1;
