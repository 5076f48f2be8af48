/** `bun bench/scenarios.ts [name ...]`: what single figures of the engine are, besides its throughput. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutorClient } from "../src/shared/execution.ts";
import { measureFreshness } from "./freshness.ts";
import { executor, request, residentMb, script, show, textOf, timed } from "./support.ts";

const HELLO = "export default (request, info) => ({ hello: info.params.name })";
const numbered = (i: number): string =>
  `const id = ${i};\nexport default (request, info) => ({ id, hello: info.params.name })`;

async function withExecutor(
  use: (client: ExecutorClient) => Promise<void>,
  options = {},
): Promise<void> {
  const client = executor(options);
  try {
    await textOf(await client.execute(script("warm", HELLO), request()));
    await use(client);
  } finally {
    await client.close(1_000);
  }
}

/** Many requests of one script, so many at a time. */
async function load(
  client: ExecutorClient,
  total: number,
  parallel: number,
  code = HELLO,
): Promise<number[]> {
  const times: number[] = [];
  const one = script("load", code);
  let left = total;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      times.push(await timed(async () => textOf(await client.execute(one, request()))));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return times;
}

const scenarios: Record<string, () => Promise<void>> = {
  image: () =>
    withExecutor(async (client) => {
      const result = await client.evaluate(script("image", HELLO));
      if (result.ok) console.log(`image of hello: ${(result.imageBytes / 1024).toFixed(0)} KiB`);
    }),

  freshness: async () => {
    const { fresh, reuse } = await measureFreshness(HELLO);
    const us = (value: number): string => `${value.toFixed(1)} us`;
    console.log(
      `engine alone: fresh ${us(fresh[0])}, reuse ${us(reuse[0])}, freshness ${us(fresh[0] - reuse[0])} (least of the rounds ${us(fresh[1])}, ${us(reuse[1])})`,
    );
  },

  first: () =>
    withExecutor(async (client) => {
      const times: number[] = [];
      for (let i = 0; i < 300; i += 1) {
        times.push(
          await timed(async () =>
            textOf(await client.execute(script(`first-${i}`, numbered(i)), request())),
          ),
        );
      }
      console.log(`first request of a script that never ran: ${show(times)}`);
    }),

  restart: async () => {
    const directory = await mkdtemp(join(tmpdir(), "picloud-bench-images-"));
    const options = { imageDirectory: directory, imageKey: new Uint8Array(32) };
    const parts =
      "export default () => ({ url: new URL('http://x/y').href, id: crypto.randomUUID(), s: typeof ReadableStream })";
    const scripts = Array.from({ length: 100 }, (_, i) =>
      script(`restart-${i}`, `const id = ${i};\n${parts}`),
    );
    for (const name of ["made", "from disk"]) {
      await withExecutor(async (client) => {
        const times: number[] = [];
        for (const one of scripts)
          times.push(await timed(async () => textOf(await client.execute(one, request()))));
        console.log(`first request of a process, image ${name}: ${show(times)}`);
        await Bun.sleep(500);
      }, options);
    }
    await rm(directory, { recursive: true });
  },

  many: () =>
    withExecutor(
      async (client) => {
        const scripts = Array.from({ length: 10_000 }, (_, i) => script(`many-${i}`, numbered(i)));
        const times: number[] = [];
        let wrong = 0;
        let left = 20_000;
        const worker = async (): Promise<void> => {
          while (left > 0) {
            left -= 1;
            const i = Math.floor(Math.random() * scripts.length);
            const one = scripts[i];
            if (one === undefined) continue;
            const startedAt = performance.now();
            const text = await textOf(await client.execute(one, request(`n${i}`)));
            times.push(performance.now() - startedAt);
            if (text !== JSON.stringify({ id: i, hello: `n${i}` })) wrong += 1;
          }
        };
        await Promise.all(Array.from({ length: 4 }, worker));
        const [pid = 0] = client.stats().pids ?? [];
        console.log(
          `10,000 scripts at random: ${show(times)}, ${wrong} wrong, ${(await residentMb(pid)).toFixed(0)} MB resident`,
        );
      },
      { imageCacheBytes: 64 * 1024 * 1024 },
    ),

  limits: () =>
    withExecutor(async (client) => {
      const bodies = {
        loop: "for (;;);",
        "indexOf over holes": "const a = []; a.length = 2 ** 32 - 2; a.indexOf(5)",
        "string search": "'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')",
        sort: "Array.from({ length: 2e6 }, (_, i) => -i).sort()",
        bigint: "let x = 3n ** 400000n; for (let i = 0; i < 20; i++) x = x * x",
        "deep JSON.parse": "JSON.parse('['.repeat(4e6) + ']'.repeat(4e6))",
        "wide JSON.parse": "JSON.parse('[' + '[[[]]],'.repeat(2e6) + '0]')",
        "regular expression": "/(a+)+b/.test('a'.repeat(40))",
      };
      for (const [name, body] of Object.entries(bodies)) {
        const one = script(
          `limit-${name}`,
          `export default () => { ${body}; return new Promise(() => {}) }`,
          { cpu_ms: 50 },
        );
        await client.evaluate(one);
        const times: number[] = [];
        for (let i = 0; i < 10; i += 1)
          times.push(await timed(async () => textOf(await client.execute(one, request()))));
        console.log(`cpu_ms 50, ${name}: ${show(times)}`);
      }
    }),

  neighbour: () =>
    withExecutor(
      async (client) => {
        await load(client, 2_000, 4);
        console.log(`others, alone: ${show(await load(client, 4_000, 4))}`);
        const loop = script("loop", "export default () => { for (;;); }", { cpu_ms: 50 });
        const others = { done: false };
        const burning = (async () => {
          while (!others.done) await textOf(await client.execute(loop, request()));
        })();
        console.log(
          `others, beside an endless loop of 50 ms at all times: ${show(await load(client, 4_000, 4))}`,
        );
        others.done = true;
        await burning;
      },
      { processesMax: 2 },
    ),
};

const asked = process.argv.slice(2);
for (const [name, run] of Object.entries(scenarios))
  if (asked.length === 0 || asked.includes(name)) await run();
