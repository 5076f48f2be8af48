/** node:stream and its kin, over the package that carries Node's own streams to other runtimes. */
import readable from "readable-stream";
import { defineModule, definePart, usePart } from "../registry.ts";
import { consumers } from "./consumers.ts";
import { addWebAdapters } from "./web.ts";

// The package's own entry is Readable; Node's is the old constructor, which older packages call on their streams.
const stream = readable["Stream"] as Record<string, unknown>;
addWebAdapters(stream as never);
const { promises } = stream;

definePart("node-stream", { stream });
defineModule("node:stream", () => stream);
defineModule("node:stream/promises", () => promises as object);
defineModule("node:stream/consumers", () => consumers);
defineModule("node:stream/web", () => usePart<object>("streams"));
for (const [name, member] of [
  ["duplex", "Duplex"],
  ["passthrough", "PassThrough"],
  ["readable", "Readable"],
  ["transform", "Transform"],
  ["writable", "Writable"],
] as const) {
  defineModule(`node:_stream_${name}`, () => stream[member] as object);
}
