/** The codecs behind CompressionStream and DecompressionStream: one zlib state per open stream. */
import zlib from "node:zlib";
import { type HostContext, HostError, type HostOperations } from "./host-function.ts";

/** What node:zlib's own synchronous calls use, step by step instead of all at once. */
interface Engine {
  _handle: {
    onerror(message: string, errno: number, code: string): void;
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputLength: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ): void;
  };
  /** What one step left over: [output space, input bytes]. */
  _writeState: Uint32Array;
  close(): void;
}

interface Codec {
  engine: Engine;
  decodes: boolean;
  finish: number;
  input: Uint8Array;
  final: boolean;
  /** More output may be had without more input. */
  more: boolean;
  failed: string | null;
}

const { Z_NO_FLUSH, Z_FINISH, BROTLI_OPERATION_FINISH, ZSTD_e_end } = zlib.constants;
/** Bounds one step: what a decompression bomb gives at once, and what a compressor takes at once. */
const OUTPUT_STEP = 64 * 1024;
const INPUT_STEP = 256 * 1024;
const MAX_OPEN = 256;
const EMPTY = new Uint8Array(0);

const FORMATS: Record<string, [compress: () => object, decompress: () => object, finish: number]> =
  {
    deflate: [() => zlib.createDeflate(), () => zlib.createInflate(), Z_FINISH],
    "deflate-raw": [() => zlib.createDeflateRaw(), () => zlib.createInflateRaw(), Z_FINISH],
    gzip: [() => zlib.createGzip(), () => zlib.createGunzip(), Z_FINISH],
    brotli: [
      () => zlib.createBrotliCompress(),
      () => zlib.createBrotliDecompress(),
      BROTLI_OPERATION_FINISH,
    ],
    zstd: [() => zlib.createZstdCompress(), () => zlib.createZstdDecompress(), ZSTD_e_end],
  };

interface Codecs {
  next: number;
  open: Map<number, Codec>;
}

function codecsOf(context: HostContext): Codecs {
  let codecs = context.state.get("compression") as Codecs | undefined;
  if (codecs === undefined) {
    const made: Codecs = { next: 1, open: new Map() };
    codecs = made;
    context.state.set("compression", made);
    context.onDispose(() => {
      for (const codec of made.open.values()) codec.engine.close();
      made.open.clear();
    });
  }
  return codecs;
}

function openCodec(context: HostContext, format: string, decodes: boolean): number {
  const codecs = codecsOf(context);
  if (context.evaluating) {
    throw new HostError(
      "NotSupportedError",
      "Compression streams cannot be used while the script is evaluated: use them in the handler",
    );
  }
  const entry = FORMATS[format];
  if (entry === undefined) throw new HostError("TypeError", "The compression format is not known");
  if (codecs.open.size >= MAX_OPEN) {
    throw new HostError(
      "RangeError",
      `More than ${MAX_OPEN} compression streams are open: finish or cancel some first`,
    );
  }
  const engine = entry[decodes ? 1 : 0]() as Engine;
  const codec: Codec = {
    engine,
    decodes,
    finish: entry[2],
    input: EMPTY,
    final: false,
    more: false,
    failed: null,
  };
  engine._handle.onerror = (message) => {
    codec.failed = message;
  };
  const id = codecs.next++;
  codecs.open.set(id, codec);
  return id;
}

/** One step; an empty array when it gave no output. Throws a TypeError for broken input. */
function step(codec: Codec): Uint8Array {
  const output = new Uint8Array(OUTPUT_STEP);
  const { engine, input } = codec;
  const length = Math.min(input.length, INPUT_STEP);
  const flush = codec.final && length === input.length ? codec.finish : Z_NO_FLUSH;
  engine._handle.writeSync(flush, input, 0, length, output, 0, OUTPUT_STEP);
  if (codec.failed !== null)
    throw new HostError("TypeError", `The compressed data is not valid: ${codec.failed}`);
  const [space = 0, left = 0] = engine._writeState;
  if (codec.decodes && left > 0 && space > 0) {
    throw new HostError("TypeError", "The compressed data goes on after its end");
  }
  const taken = length - left;
  codec.input = input.subarray(taken);
  codec.more = space === 0 || codec.input.length > 0;
  return output.subarray(0, OUTPUT_STEP - space);
}

function run(context: HostContext, id: number, work: (codec: Codec) => Uint8Array): Uint8Array {
  const { open } = codecsOf(context);
  const codec = open.get(id);
  if (codec === undefined) throw new HostError("TypeError", "The compression stream is closed");
  try {
    const output = work(codec);
    // The input is a view into the sandbox's memory, which does not outlive this call.
    if (codec.input.length > 0) codec.input = codec.input.slice();
    return output;
  } catch (error) {
    close(context, id);
    throw error;
  }
}

function close(context: HostContext, id: number): void {
  const { open } = codecsOf(context);
  open.get(id)?.engine.close();
  open.delete(id);
}

/** Steps until there is output or nothing more to do; null says the latter. */
function advance(codec: Codec): Uint8Array {
  do {
    const output = step(codec);
    if (output.length > 0) return output;
  } while (codec.more);
  return EMPTY;
}

export const compressionOperations: HostOperations = {
  "compression.open": (context, format, decodes) =>
    openCodec(context, format as string, decodes === true),
  /** (id, input, final) -> first output; empty when there is none yet. */
  "compression.write": (context, id, input, final) =>
    run(context, id as number, (codec) => {
      codec.input = input as Uint8Array;
      codec.final = final === true;
      return advance(codec);
    }),
  /** (id) -> further output of the last write; null when that was all. */
  "compression.more": (context, id) => {
    const codec = codecsOf(context).open.get(id as number);
    if (codec?.more !== true) return null;
    return run(context, id as number, advance);
  },
  "compression.close": (context, id) => {
    close(context, id as number);
    return undefined;
  },
};
