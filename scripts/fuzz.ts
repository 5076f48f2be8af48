/** `npm run fuzz [-- REQUESTS [SEED]]`: mutated requests against the control plane, 100,000 unless told otherwise. */
import { createHarness } from "../test/manager/support/harness.ts";
import { fuzz } from "../test/manager/support/fuzz.ts";

const [, , requests = "100000", seed = String(Date.now() % 2 ** 31)] = process.argv;
const harness = await createHarness();
const began = performance.now();
const report = await fuzz(harness, { requests: Number(requests), seed: Number(seed) });
await harness.close();
const seconds = ((performance.now() - began) / 1000).toFixed(1);
process.stdout.write(
  `${report.requests} requests in ${seconds} s, seed ${seed}: ${JSON.stringify(report.statuses)}\n`,
);
process.stdout.write(`${report.passed.size} endpoints did what some of them asked\n`);
for (const failure of report.failures.slice(0, 20)) process.stdout.write(`${failure}\n`);
process.stdout.write(`${report.failures.length} failures\n`);
process.exitCode = report.failures.length > 0 ? 1 : 0;
