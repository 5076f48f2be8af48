/**
 * CPU time of this thread. On a busy machine it runs slower than the wall clock, and a script must not
 * pay for what others use. Reading it costs more than a short turn does, so it is read seldom.
 */
const SAMPLE_AGE_MS = 5;

let sampledAt = -Infinity;
let sample = 0;

export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** CPU time at about `now` (of performance.now()); up to 5 ms earlier, never later. */
export function recentCpuMs(now: number): number {
  if (now - sampledAt > SAMPLE_AGE_MS) {
    sample = threadCpuMs();
    sampledAt = now;
  }
  return sample;
}
