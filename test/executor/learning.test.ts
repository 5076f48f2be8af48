import { expect, test } from "bun:test";
import { Runner } from "../../src/executor/engine/runner.ts";
import { guestSources } from "../../src/executor/guest-sources.ts";
import { InlinePort } from "../../src/executor/inline/inline-port.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";
import { makeScript } from "../support/executor-harness.ts";
import { runIn } from "../support/runner.ts";

test("a part that a request had to load is in the image of the next ones", async () => {
  let reads = 0;
  const sources = new Proxy(await guestSources(), {
    get(all, name) {
      if (name === "inspect") reads += 1;
      return Reflect.get(all, name) as unknown;
    },
  });
  const runner = new Runner({
    module: await engineModule(),
    sources,
    imageCacheBytes: 2 ** 24,
  });
  const script = makeScript("export default () => { console.log({ an: 'object' }); return 1 }");
  const readsAfter: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const port = new InlinePort();
    await runIn(runner, script, port);
    expect(port.answer?.end.logs.map((line) => line.message)).toEqual(['{ an: "object" }']);
    readsAfter.push(reads);
  }
  expect(readsAfter[0]).toBeGreaterThan(0);
  // The second request makes the new image; from then on nothing is read.
  expect(readsAfter.slice(1)).toEqual(Array.from({ length: 4 }, () => readsAfter[1] ?? 0));
});
