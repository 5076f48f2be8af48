/** One round of load by wrk (Debian package `wrk`), or by the generator of this folder where it is missing. */
import { join } from "node:path";
import { treeCpuMs } from "./cpu-time.ts";

export interface Measurement {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  errors: number;
  /** CPU time of the contender's processes for each request, in microseconds. */
  cpuUs: number;
}

/** Microseconds, by wrk's own histogram. */
const REPORT = `done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end`;

async function runWrk(
  url: string,
  seconds: number,
  connections: number,
): Promise<Omit<Measurement, "cpuUs">> {
  const wrk = Bun.which("wrk");
  const command =
    wrk === null
      ? [
          process.execPath,
          join(import.meta.dir, "load.ts"),
          url,
          String(seconds),
          String(connections),
        ]
      : [wrk, "-t1", `-c${connections}`, `-d${seconds}s`, "-s", await reportScript(), url];
  const output = await new Response(
    Bun.spawn(command, { stdout: "pipe", stderr: "inherit" }).stdout,
  ).text();
  const match = /RESULT ([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(output);
  if (match === null) throw new Error(`The load generator gave no result: ${output}`);
  const [, rate, p50, p99, errors] = match;
  return {
    requestsPerSecond: Number(rate),
    p50Ms: Number(p50) / 1000,
    p99Ms: Number(p99) / 1000,
    errors: Number(errors),
  };
}

/** One round of load on a contender whose process tree starts at `pid`. */
export async function measure(
  target: { url: string; pid: number },
  seconds: number,
  connections: number,
): Promise<Measurement> {
  const before = treeCpuMs(target.pid);
  const result = await runWrk(target.url, seconds, connections);
  const cpuMs = treeCpuMs(target.pid) - before;
  return { ...result, cpuUs: (cpuMs * 1000) / (result.requestsPerSecond * seconds) };
}

let script: Promise<string> | undefined;

function reportScript(): Promise<string> {
  script ??= (async () => {
    const file = join((await import("node:os")).tmpdir(), `picloud-wrk-${process.pid}.lua`);
    await Bun.write(file, REPORT);
    return file;
  })();
  return script;
}
