import { expect, test } from "bun:test";
import { RequestInput } from "../../src/executor/client/execution-input.ts";
import { Runner } from "../../src/executor/engine/runner.ts";
import { guestSources } from "../../src/executor/guest-sources.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";
import { makeRequest, makeScript } from "../support/executor-harness.ts";
import { OutcomePort, runIn } from "../support/runner.ts";

const newRunner = async (): Promise<Runner> =>
  new Runner({
    module: await engineModule(),
    sources: await guestSources(),
    imageCacheBytes: 2 ** 24,
  });

test("a script that was forgotten while its image was made leaves no image behind", async () => {
  const runner = await newRunner();
  const script = makeScript("await null; export default () => 1");
  const preparing = runner.prepare(script, new OutcomePort());
  runner.forget(script);
  expect((await preparing).ok).toBe(true);
  expect(runner.has(script)).toBe(false);
});

test("the request that waited for it is answered, and leaves no shared instance behind", async () => {
  const runner = await newRunner();
  const script = makeScript("let count = 0; export default () => ++count", { instance: "reuse" });
  const port = new OutcomePort();
  const prepared = await runner.prepare(script, port);
  if (!prepared.ok) throw new Error(prepared.error.message);
  runner.forget(script);
  runner.execute(script, new RequestInput(script, makeRequest()), port, prepared.built);
  expect((await port.outcome).body).toBe("1");
  const next = new OutcomePort();
  const started = runner.execute(script, new RequestInput(script, makeRequest()), next);
  expect(started).toBeUndefined();
  await runIn(runner, script, next);
  expect((await next.outcome).body).toBe("1");
});
