/** CompressionStream and DecompressionStream: the codecs run in the host. */
import { bindHost } from "../bridge.ts";
import { defineInterface, requireArguments } from "../events/idl.ts";
import { newTransform } from "./codec.ts";
import type { TransformState } from "./transform-stream.ts";

const FORMATS = ["deflate", "deflate-raw", "gzip", "brotli", "zstd"];

const open = bindHost("compression.open") as (format: string, decodes: boolean) => number;
const write = bindHost("compression.write") as (
  id: number,
  input: Uint8Array,
  final: boolean,
) => Uint8Array;
const more = bindHost("compression.more") as (id: number) => Uint8Array | null;
const close = bindHost("compression.close") as (id: number) => void;

const Bytes = Uint8Array;
const EMPTY = new Bytes(0);
const { isView } = ArrayBuffer;
const NativeBuffer = ArrayBuffer;

function toBytes(chunk: unknown): Uint8Array {
  if (isView(chunk) && !(chunk.buffer instanceof SharedArrayBuffer)) {
    return new Bytes(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof NativeBuffer) return new Bytes(chunk);
  throw new TypeError("The chunk is not a BufferSource: encode text before it is compressed");
}

function codec(format: unknown, decodes: boolean, count: number, name: string): TransformState {
  requireArguments(count, 1, `${name} constructor`);
  const text = `${format as string}`;
  if (!FORMATS.includes(text)) {
    throw new TypeError(
      `The compression format '${text}' is not known: use one of ${FORMATS.join(", ")}`,
    );
  }
  // Opened by the first chunk, so that a stream nobody uses holds nothing in the host.
  let id = 0;
  const run = (input: Uint8Array, final: boolean, controller: TransformState): void => {
    if (id === 0) id = open(text, decodes);
    for (
      let output: Uint8Array | null = write(id, input, final);
      output !== null;
      output = more(id)
    ) {
      if (output.length > 0) controller.enqueue(output);
    }
  };
  return newTransform(
    (chunk, controller) => {
      const bytes = toBytes(chunk);
      if (bytes.length > 0) run(bytes, false, controller);
    },
    (controller) => {
      run(EMPTY, true, controller);
      close(id);
    },
    () => {
      if (id !== 0) close(id);
    },
  );
}

export class CompressionStream {
  #state: TransformState;
  constructor(format: string) {
    this.#state = codec(format, false, arguments.length, "CompressionStream");
  }
  get readable(): object {
    return this.#state.readable;
  }
  get writable(): object {
    return this.#state.writable;
  }
}
defineInterface(CompressionStream, "CompressionStream", 1);

export class DecompressionStream {
  #state: TransformState;
  constructor(format: string) {
    this.#state = codec(format, true, arguments.length, "DecompressionStream");
  }
  get readable(): object {
    return this.#state.readable;
  }
  get writable(): object {
    return this.#state.writable;
  }
}
defineInterface(DecompressionStream, "DecompressionStream", 1);
