/** What a sandbox that is new for every request costs beside one that is kept: the engine alone, run after run. */
import type { ExecutableScript } from "../src/shared/execution.ts";
import type { ExecutionPort } from "../src/executor/engine/port.ts";
import { Runner } from "../src/executor/engine/runner.ts";
import { RequestInput } from "../src/executor/client/execution-input.ts";
import { guestSources } from "../src/executor/guest-sources.ts";
import { engineModule } from "../src/executor/wasm/module.ts";
import { request, script } from "./support.ts";
import { median } from "./statistics.ts";

const ROUNDS = 30;
const RUNS = 1_000;

const port = { complete: () => undefined, end: () => undefined } as unknown as ExecutionPort;

export interface Freshness {
  /** Microseconds a run: the median round, and the least. */
  fresh: [median: number, least: number];
  reuse: [median: number, least: number];
}

/** Rounds by turns, so that a busy machine is unkind to both alike. */
export async function measureFreshness(code: string): Promise<Freshness> {
  const [module, sources] = await Promise.all([engineModule(), guestSources()]);
  const runner = new Runner({ module, sources, imageCacheBytes: 64 * 1024 * 1024 });
  const scripts: ExecutableScript[] = [
    script("fresh", code),
    { ...script("reuse", code), instance: "reuse" },
  ];
  const rounds: number[][] = scripts.map(() => []);
  for (const one of scripts) {
    const { ok } = await runner.prepare(one, port);
    const started = ok && runner.execute(one, new RequestInput(one, request()), port);
    if (!started) throw new Error(`The script ${one.name} does not run`);
  }
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const [at, one] of scripts.entries()) {
      const asked = request();
      const began = performance.now();
      for (let i = 0; i < RUNS; i += 1)
        void runner.execute(one, new RequestInput(one, asked), port);
      if (round >= 0) rounds[at]?.push(((performance.now() - began) * 1000) / RUNS);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [fresh = [], reuse = []] = rounds;
  return { fresh: [median(fresh), Math.min(...fresh)], reuse: [median(reuse), Math.min(...reuse)] };
}
