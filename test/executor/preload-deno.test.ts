import { expect, test } from "bun:test";
import { partsNamedBy } from "../../src/executor/engine/preload.ts";

const named = (code: string): string[] =>
  partsNamedBy(code).filter((part) => part.startsWith("deno") || part === "environment");

test("Deno.serve alone brings in nothing but itself", () => {
  expect(named("Deno.serve(() => new Response('x'))")).toEqual(["deno"]);
});

test("what a handler uses of Deno is in the image, not compiled for each request", () => {
  expect(named("Deno.serve(() => Deno.env.get('A'))")).toEqual([
    "deno",
    "deno-system",
    "environment",
  ]);
  expect(named("Deno . readTextFile('x')")).toContain("deno-files");
  expect(named("const { env } = Deno;")).toContain("deno-system");
  expect(named('Deno["env"]')).toContain("deno-system");
});

test("a module brings in what its part is built on", () => {
  const parts = partsNamedBy('globalThis[Symbol.for("picloud.module")]("node:stream")');
  for (const part of ["node-stream", "node-buffer", "node-events", "node-process", "environment"])
    expect(parts).toContain(part);
});
