import type { CaseTable } from "../outcomes.ts";
import { bytes, ending, of, readAll, thrown } from "./helpers.ts";

type Pair = ReadableWritablePair<unknown, unknown>;
const through = (chunks: unknown[], pair: unknown): Promise<unknown> =>
  readAll(of(...chunks).pipeThrough(pair as Pair)).then(
    (found) => found,
    (error) => `rejected ${error.name}`,
  );

/** Both ends of a transform that is given one bad chunk. */
async function refused(pair: unknown, chunk: unknown): Promise<unknown> {
  const { readable, writable } = pair as Pair;
  const reader = readable.getReader();
  const writer = writable.getWriter();
  const read = ending(reader.read());
  return [await ending(writer.write(chunk)), await read];
}

const FORMATS = ["gzip", "deflate", "deflate-raw"] as const;
const text = new TextEncoder().encode(
  "a text that repeats, a text that repeats, a text that repeats",
);

async function packed(
  format: CompressionFormat,
  data: Uint8Array = text,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = of(data).pipeThrough(new CompressionStream(format) as unknown as Pair);
  return new Uint8Array(await new Response(stream as never).arrayBuffer());
}
const unpacked = async (format: CompressionFormat, chunks: Uint8Array[]): Promise<unknown> =>
  new Response(
    of(...chunks).pipeThrough(new DecompressionStream(format) as unknown as Pair) as never,
  )
    .text()
    .then(
      (found) => found.length,
      (error) => `rejected ${error.name}`,
    );

export const codecCases: CaseTable = {
  "text is encoded across chunks": async () => [
    await through(["a\ud83d", "\ude00b"], new TextEncoderStream()),
    await through(["\ud83d", "x"], new TextEncoderStream()),
    await through(["\ud83d"], new TextEncoderStream()),
    await through(["", "\ude00"], new TextEncoderStream()),
    await through([1, null, undefined, { toString: () => "o" }], new TextEncoderStream()),
  ],
  "what cannot be encoded": async () => [
    await refused(new TextEncoderStream(), Symbol("s")),
    await refused(new TextEncoderStream(), {
      toString() {
        throw new RangeError("x");
      },
    }),
  ],
  "text is decoded across chunks": async () => [
    await through([bytes(0xf0, 0x9f), bytes(0x98, 0x80, 0x41)], new TextDecoderStream()),
    await through([bytes(0xf0, 0x9f)], new TextDecoderStream()),
    await through([bytes(0xef, 0xbb), bytes(0xbf, 0x41)], new TextDecoderStream()),
    await through(
      [bytes(0xef, 0xbb, 0xbf, 0x41)],
      new TextDecoderStream("utf-8", { ignoreBOM: true }),
    ),
    await through([bytes(0x41).buffer, new DataView(bytes(0x42).buffer)], new TextDecoderStream()),
    await through([bytes(0x41, 0), bytes(0x42, 0)], new TextDecoderStream("utf-16le")),
    await through([bytes()], new TextDecoderStream()),
  ],
  "broken text is fatal where asked": async () => [
    await through([bytes(0xff)], new TextDecoderStream("utf-8", { fatal: true })),
    await through([bytes(0xf0)], new TextDecoderStream("utf-8", { fatal: true })),
    await through([bytes(0xff)], new TextDecoderStream()),
  ],
  "what cannot be decoded": async () => {
    const results: unknown[] = [];
    for (const chunk of [undefined, null, 3.14, {}, "text", [65]])
      results.push(await refused(new TextDecoderStream(), chunk));
    return results;
  },
  attributes: () => {
    const d = new TextDecoderStream("UTF-16", { fatal: true, ignoreBOM: true });
    return [
      d.encoding,
      d.fatal,
      d.ignoreBOM,
      new TextDecoderStream(undefined, undefined).encoding,
      new TextEncoderStream().encoding,
      thrown(() => new TextDecoderStream("none")),
    ];
  },
  "formats that do not exist": () =>
    ["a", "", "GZIP", null, undefined].map((format) => [
      thrown(() => new CompressionStream(format as never)),
      thrown(() => new DecompressionStream(format as never)),
    ]),
  "packing and unpacking": async () => {
    const results: unknown[] = [];
    for (const format of FORMATS) {
      const data = await packed(format);
      const middle = data.length >> 1;
      results.push([
        data.length < text.length,
        await unpacked(format, [data]),
        await unpacked(
          format,
          [...data].map((byte) => bytes(byte)),
        ),
        await unpacked(format, [data.subarray(0, middle), data.subarray(middle)]),
        await unpacked(format, [await packed(format, bytes())]),
      ]);
    }
    return results;
  },
  "broken input": async () => {
    const results: unknown[] = [];
    for (const format of FORMATS) {
      const data = await packed(format);
      results.push([
        await unpacked(format, [data.subarray(0, -1)]),
        await unpacked(format, [data, bytes(0)]),
        await unpacked(format, [bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]),
        await unpacked(format, []),
      ]);
    }
    return results;
  },
  "large data": async () => {
    const data = new Uint8Array(300_000).map((_, i) => (i * i) >> 7);
    return unpacked("gzip", [await packed("gzip", data)]);
  },
  "chunks that are no bytes": async () => {
    const results: unknown[] = [];
    for (const chunk of [undefined, null, 3.14, {}, "text", [65]])
      results.push(
        await refused(new CompressionStream("gzip"), chunk),
        await refused(new DecompressionStream("gzip"), chunk),
      );
    return results;
  },
};
