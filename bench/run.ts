/**
 * `bun run bench [--rounds N] [--seconds N] [--only name,name] [--scripts hello,fib]`: every contender under
 * the same load, one after the other, in alternating rounds. Prints medians and ratios to workerd; raw
 * figures go to bench/results.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { contenders } from "./contenders.ts";
import { startContender } from "./contender-process.ts";
import type { Running } from "./contender-process.ts";
import { median } from "./statistics.ts";
import { measure } from "./wrk.ts";
import type { Measurement } from "./wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "32" },
    only: { type: "string" },
    scripts: { type: "string", default: "hello" },
  },
});

interface Result {
  script: string;
  contender: string;
  rounds: Measurement[];
}

const only = values.only?.split(",");
const results: Result[] = [];

for (const script of values.scripts.split(",")) {
  const chosen = contenders.filter((contender) => only?.includes(contender.name) ?? true);
  const running: Running[] = [];
  for (const contender of chosen) running.push(await startContender(contender, `${script}.js`));
  const rows = running.map((one) => ({ script, contender: one.name, rounds: [] as Measurement[] }));
  try {
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      for (const [i, one] of running.entries()) {
        const measured = await measure(one, Number(values.seconds), Number(values.connections));
        // The first round is for the just-in-time compilers.
        if (round > 0) rows[i]?.rounds.push(measured);
      }
    }
  } finally {
    for (const one of running) await one.stop();
  }
  results.push(...rows);
  print(script, rows);
}

function print(script: string, rows: Result[]): void {
  const base = rows.find((row) => row.contender === "workerd");
  const baseRate =
    base === undefined ? Number.NaN : median(base.rounds.map((round) => round.requestsPerSecond));
  console.log(
    `\n${script}: median of ${values.rounds} rounds of ${values.seconds} s, ${values.connections} connections`,
  );
  for (const row of rows) {
    const rate = median(row.rounds.map((round) => round.requestsPerSecond));
    const p50 = median(row.rounds.map((round) => round.p50Ms));
    const p99 = median(row.rounds.map((round) => round.p99Ms));
    const cpu = median(row.rounds.map((round) => round.cpuUs));
    const errors = row.rounds.reduce((sum, round) => sum + round.errors, 0);
    console.log(
      `${row.contender.padEnd(20)} ${rate.toFixed(0).padStart(8)} req/s  x${(rate / baseRate).toFixed(2).padStart(5)}  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  cpu ${cpu.toFixed(1)} us  errors ${errors}`,
    );
  }
}

const directory = join(import.meta.dir, "results");
await mkdir(directory, { recursive: true });
const file = join(directory, `${new Date().toISOString().replaceAll(":", "-")}.json`);
await Bun.write(
  file,
  JSON.stringify({ options: values, cpus: navigator.hardwareConcurrency, results }, null, 2),
);
console.log(`\nRaw figures: ${file}`);
