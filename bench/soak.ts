/**
 * `bun bench/soak.ts [--minutes N] [--rate N]`: load with failing scripts mixed in, at a fixed rate, inline runs and
 * executor processes as the platform has them. Prints the memory of both and what is open each minute, and fails
 * where memory has grown or something was left behind.
 */
import { parseArgs } from "node:util";
import type { ExecutableScript } from "../src/shared/execution.ts";
import { executor, request, residentMb, script, show, textOf } from "./support.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, rate: { type: "string", default: "500" } },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);

const mix: [share: number, code: string][] = [
  [60, "export default (request, info) => ({ hello: info.params.name })"],
  [
    10,
    "export default async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return 'late' }",
  ],
  [
    8,
    "export default () => new Response(new ReadableStream({ start(c) { for (let i = 0; i < 20; i++) c.enqueue(new Uint8Array(1000)); c.close() } }))",
  ],
  [8, "export default () => { throw new Error('on purpose') }"],
  [6, "export default () => undefined"],
  [
    4,
    "export default () => { const a = []; for (let i = 0; i < 2e4; i++) a.push({ i, s: 'x' + i }); return a.length }",
  ],
  [2, "export default () => { const a = []; for (;;) a.push(new Array(1000).fill(1)) }"],
  [1, "export default () => { for (;;); }"],
  [1, "export default function f() { return f() + 1 }"],
];
const limits = { cpu_ms: 30, memory_mb: 16 };
const scripts: ExecutableScript[] = mix.flatMap(([share, code], i) =>
  Array.from({ length: share }, () => script(`soak-${i}`, code, limits)),
);

const client = executor({ inline: true });
const pid = (): number => client.stats().pids?.[0] ?? process.pid;
let times: number[] = [];
const open = { waiting: 0 };

async function one(): Promise<void> {
  const chosen = scripts[Math.floor(Math.random() * scripts.length)];
  if (chosen === undefined) return;
  open.waiting += 1;
  const startedAt = performance.now();
  try {
    await textOf(await client.execute(chosen, request()));
  } catch {
    // A stream that a limit cut off: on purpose.
  }
  times.push(performance.now() - startedAt);
  open.waiting -= 1;
}

await one();
const samples: number[] = [];
for (let minute = 0; minute < minutes; minute += 1) {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    for (let i = 0; i < rate / 50; i += 1) void one();
    await Bun.sleep(20);
  }
  const [own, other] = [await residentMb(process.pid), await residentMb(pid())];
  samples.push(own + other);
  console.log(
    `minute ${minute + 1}: ${own.toFixed(0)} + ${other.toFixed(0)} MB, ${client.stats().inlineRuns} inline, ${client.stats().inlineEscapes} escapes, ${open.waiting} waiting, ${client.stats().running} running, ${show(times)}`,
  );
  times = [];
}
for (let i = 0; i < 200 && open.waiting > 0; i += 1) await Bun.sleep(50);
const left = client.stats().running;
await client.close(1_000);
const half = Math.ceil(samples.length / 2);
// A busy minute has more machines in it; what leaks is there in every minute that follows.
const median = (part: number[]): number => part.toSorted((a, b) => a - b)[part.length >> 1] ?? 0;
const grown = median(samples.slice(half)) - median(samples.slice(0, half));
console.log(
  `left open: ${left}; median memory of the second half above that of the first: ${grown.toFixed(0)} MB`,
);
if (left > 0 || grown > 20) process.exitCode = 1;
