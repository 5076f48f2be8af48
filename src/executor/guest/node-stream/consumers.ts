/** node:stream/consumers: all of a stream as one value. */
import { usePart } from "../registry.ts";
import type { NodeBuffer } from "../node-buffer/part.ts";

type Chunks = AsyncIterable<Uint8Array | string>;

async function buffer(stream: Chunks): Promise<Uint8Array> {
  const { Buffer } = usePart<NodeBuffer>("node-buffer");
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream)
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

const text = async (stream: Chunks): Promise<string> =>
  usePart<NodeBuffer>("node-buffer").decodeText(await buffer(stream), "utf8");

export const consumers = {
  buffer,
  text,
  bytes: async (stream: Chunks): Promise<Uint8Array> => new Uint8Array(await buffer(stream)),
  arrayBuffer: async (stream: Chunks): Promise<ArrayBuffer> =>
    new Uint8Array(await buffer(stream)).buffer,
  json: async (stream: Chunks): Promise<unknown> => JSON.parse(await text(stream)),
  blob: async (stream: Chunks): Promise<unknown> => {
    const { Blob } = globalThis as unknown as { Blob: new (parts: unknown[]) => unknown };
    return new Blob([await buffer(stream)]);
  },
};
