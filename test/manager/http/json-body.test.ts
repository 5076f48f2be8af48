import { expect, test } from "bun:test";
import { readJsonBody } from "../../../src/manager/http/json-body.ts";

const request = (body: ReadableStream<Uint8Array>) =>
  new Request("http://localhost/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

test("a body that comes byte by byte is given up after the bound, and its sender is told off", async () => {
  const cancelled = Promise.withResolvers<void>();
  const drip = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(5);
      controller.enqueue(new Uint8Array([32]));
    },
    cancel: () => cancelled.resolve(),
  });
  const read = readJsonBody(request(drip), 1_000_000, 50);
  expect(await read.catch((error: { code: string }) => error.code)).toBe("request_timeout");
  await cancelled.promise;
});

test("a body in pieces is one document", async () => {
  const pieces = ['{"a', '":1}'].map((text) => new TextEncoder().encode(text));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = pieces.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
  });
  expect(await readJsonBody(request(body), 100)).toEqual({ a: 1 });
});
