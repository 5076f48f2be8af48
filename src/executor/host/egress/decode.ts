/** Content codings of responses: gzip, deflate, br and zstd. */
import { type ZlibFormat, ZlibSteps } from "../zlib-steps.ts";
import type { BodySource } from "./http1/body.ts";

const FORMATS: Readonly<Record<string, ZlibFormat>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "brotli",
  zstd: "zstd",
};

export const ACCEPT_ENCODING = "gzip, deflate, br, zstd";

const EMPTY = new Uint8Array(0);

/** `deflate` is the zlib format by the standard and raw deflate with some servers. */
const formatFor = (coding: ZlibFormat, first: Uint8Array): ZlibFormat =>
  coding === "deflate" && ((first[0] ?? 0) & 0x0f) !== 8 ? "deflate-raw" : coding;

function decodeOne(body: BodySource, coding: ZlibFormat): { read: BodySource; close(): void } {
  let codec: ZlibSteps | undefined;
  let ended = false;
  const read: BodySource = async () => {
    for (;;) {
      const output = codec?.next() ?? null;
      if (output !== null) return output;
      if (ended) {
        codec?.close();
        return null;
      }
      const chunk = await body();
      if (chunk !== null && chunk.length === 0) continue;
      ended = chunk === null;
      if (codec === undefined) {
        // An empty body is fine whatever its coding says.
        if (chunk === null) return null;
        codec = new ZlibSteps(formatFor(coding, chunk), true);
      }
      codec.write(chunk ?? EMPTY, ended);
    }
  };
  return { read, close: () => codec?.close() };
}

/** The decoded body; null when a coding is not known, so that the body stays as it is. */
export function decodeBody(
  body: BodySource,
  codings: readonly string[],
): { read: BodySource; close(): void } | null {
  const formats = codings
    .filter((coding) => coding !== "identity")
    .map((coding) => FORMATS[coding]);
  if (formats.length === 0 || formats.length > 4) return null;
  let read = body;
  const closers: (() => void)[] = [];
  for (const format of formats.toReversed()) {
    if (format === undefined) return null;
    const decoded = decodeOne(read, format);
    read = decoded.read;
    closers.push(decoded.close);
  }
  return {
    read,
    close: () => {
      for (const close of closers) close();
    },
  };
}
