/** What programs look for in the text of an error: Deno's own words. */
import { describe, expect, test } from "bun:test";
import { runInGuest } from "../support/guest-lab.ts";

async function refusalOf(work: string): Promise<string> {
  const { result, error } = await runInGuest(
    `export default (async () => { ${work} })().then(() => "none", (error) => \`\${error.name}: \${error.message}\`)`,
  );
  if (error !== null) throw new Error(`${error.name}: ${error.message}`);
  return String(result);
}

describe("an error says it as Deno does", () => {
  const cases: [work: string, name: string, words: string][] = [
    [
      "new Response('x', { status: 204 })",
      "TypeError",
      "Response with null body status cannot have body",
    ],
    [
      "new Response('x', { status: 199 })",
      "RangeError",
      "is not equal to 101 and outside the range [200, 599]",
    ],
    [
      "const r = new Response('x'); await r.text(); r.clone()",
      "TypeError",
      "cannot be cloned: Body is unusable",
    ],
    ["AbortSignal.abort().throwIfAborted()", "AbortError", "The signal has been aborted"],
    [
      "const signal = AbortSignal.timeout(1); await new Promise((done) => (signal.onabort = done)); signal.throwIfAborted()",
      "TimeoutError",
      "The operation was aborted due to timeout",
    ],
    [
      "const shared = new SharedArrayBuffer(8); structuredClone(shared, { transfer: [shared] })",
      "DataCloneError",
      "Value not transferable",
    ],
    [
      "const gone = new ArrayBuffer(8); gone.transfer(); structuredClone(1, { transfer: [new ArrayBuffer(1), gone] })",
      "DataCloneError",
      "ArrayBuffer at index 1 is already detached",
    ],
    [
      "structuredClone(new URL('http://a.test/'))",
      "DataCloneError",
      "Cannot clone object of unsupported type. URL",
    ],
    [
      "new ReadableStream({ type: 'bytes', start: (controller) => controller.enqueue('text') })",
      "TypeError",
      "Failed to execute 'enqueue' on 'ReadableByteStreamController'",
    ],
    [
      "AbortSignal.any()",
      "TypeError",
      "Failed to execute 'any' on 'AbortSignal': 1 argument required, but only 0 present",
    ],
    [
      "await WebAssembly.instantiateStreaming(new Response(new Uint8Array(8)))",
      "TypeError",
      "Invalid WebAssembly content type",
    ],
    [
      "new Event()",
      "TypeError",
      "Failed to construct 'Event': 1 argument required, but only 0 present",
    ],
    [
      "structuredClone()",
      "TypeError",
      "Failed to execute 'structuredClone': 1 argument required, but only 0 present",
    ],
  ];
  for (const [work, name, words] of cases) {
    test(work, async () => {
      const refusal = await refusalOf(work);
      expect(refusal).toStartWith(`${name}: `);
      expect(refusal).toContain(words);
    });
  }
});

test("a failed transfer leaves the buffers before it where they are", async () => {
  const { result } = await runInGuest(`
    const kept = new ArrayBuffer(1), gone = new ArrayBuffer(1);
    gone.transfer();
    try { structuredClone(1, { transfer: [kept, gone] }) } catch {}
    export default kept.detached;`);
  expect(result).toBe(false);
});

test("the stack of a DOMException begins with its name and message", async () => {
  const { result } = await runInGuest(
    `export default new DOMException("too late", "TimeoutError").stack.split("\\n")[0]`,
  );
  expect(result).toBe("TimeoutError: too late");
});
