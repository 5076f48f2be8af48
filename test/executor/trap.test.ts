import { expect, test } from "bun:test";
import { RequestInput } from "../../src/executor/client/execution-input.ts";
import { Runner } from "../../src/executor/engine/runner.ts";
import { guestSources } from "../../src/executor/guest-sources.ts";
import { hostOperations } from "../../src/executor/host/registry.ts";
import { InlinePort } from "../../src/executor/inline/inline-port.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";
import type { ExecutableScript, ExecutionEnd } from "../../src/shared/execution.ts";
import { makeRequest, makeScript } from "../support/executor-harness.ts";

class Seen extends InlinePort {
  ended: ExecutionEnd | null = null;

  override end(end?: ExecutionEnd): void {
    this.ended = end ?? null;
  }
}

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
  const run = async (script: ExecutableScript, url: string): Promise<Seen> => {
    const port = new Seen();
    await runner.execute(script, new RequestInput(script, makeRequest({ url })), port);
    return port;
  };
  const script = makeScript(`let count = 0; export default (req) => {
    count += 1;
    if (req.url.includes("trap")) { try { return crypto.randomUUID() } catch { return "caught" } }
    return count;
  }`);
  for (let i = 0; i < 3; i += 1) {
    const { ended, answer } = await run(script, "http://localhost/trap");
    expect(answer).toBeNull();
    expect(ended).toMatchObject({ outcome: "threw", error: { name: "InternalError" } });
    expect(ended?.error?.message).toContain("The sandbox broke");
    expect((await run(script, "http://localhost/")).answer?.head.body).toBe("1");
  }
  expect(runner.running).toBe(0);
});
