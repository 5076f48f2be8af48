import { expect, test } from "bun:test";
import { Runner } from "../../src/executor/engine/runner.ts";
import { guestSources } from "../../src/executor/guest-sources.ts";
import { hostOperations } from "../../src/executor/host/registry.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";
import type { ExecutableScript } from "../../src/shared/execution.ts";
import { makeScript } from "../support/executor-harness.ts";
import { type Outcome, OutcomePort, runIn } from "../support/runner.ts";

/** A module whose start function is `unreachable`: the trap passes through the sandbox's frames as one of its own does. */
const UNREACHABLE = Uint8Array.fromHex("0061736d01000000010401600000030201000801000a05010300000b");

function trap(): never {
  const started = new WebAssembly.Instance(new WebAssembly.Module(UNREACHABLE));
  throw new Error("The trap did not spring", { cause: started });
}

test("a trap ends the request that it happened in, and no other one: the sandbox is dropped", async () => {
  const runner = new Runner({
    module: await engineModule(),
    sources: await guestSources(),
    imageCacheBytes: 2 ** 24,
    operations: { ...hostOperations, "crypto.uuid": trap },
  });
  const run = (script: ExecutableScript, url: string): Promise<Outcome> => {
    const port = new OutcomePort();
    void runIn(runner, script, port, { url });
    return port.outcome;
  };
  const beside = run(
    makeScript(
      "export default () => new Promise((resolve) => setTimeout(() => resolve('beside'), 100))",
    ),
    "http://localhost/",
  );
  const script = makeScript(`let count = 0; export default (req) => {
    count += 1;
    if (req.url.includes("trap")) { try { return crypto.randomUUID() } catch { return "caught" } }
    return count;
  }`);
  for (let i = 0; i < 3; i += 1) {
    const { body, end } = await run(script, "http://localhost/trap");
    expect(body).toBeNull();
    expect(end).toMatchObject({ outcome: "threw", error: { name: "InternalError" } });
    expect(end.error?.message).toContain("The sandbox broke");
    expect((await run(script, "http://localhost/")).body).toBe("1");
  }
  expect((await beside).body).toBe('"beside"');
  expect(runner.running).toBe(0);
});
