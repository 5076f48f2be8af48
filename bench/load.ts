/** A keep-alive load generator for machines without wrk. Prints what bench/wrk.ts reads. */
const [url = "", seconds = "3", connections = "32"] = process.argv.slice(2);

const until = performance.now() + Number(seconds) * 1000;
const latencies: number[] = [];
let errors = 0;

async function worker(): Promise<void> {
  while (performance.now() < until) {
    const startedAt = performance.now();
    try {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (!response.ok) errors += 1;
    } catch {
      errors += 1;
    }
    latencies.push((performance.now() - startedAt) * 1000);
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, worker));
const elapsed = (performance.now() - startedAt) / 1000;
latencies.sort((a, b) => a - b);
const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0;
console.log(`RESULT ${latencies.length / elapsed} ${at(0.5)} ${at(0.99)} ${errors}`);
export {};
