/** One zlib, brotli or zstd state that is driven step by step, so that no input makes more than a step of output. */
import zlib from "node:zlib";
import { HostError } from "./host-function.ts";

/** What node:zlib's own synchronous calls use. */
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

const { Z_NO_FLUSH, Z_FINISH, BROTLI_OPERATION_FINISH, ZSTD_e_end } = zlib.constants;
/** What a decompression bomb gives at once, and what a compressor takes at once. */
const OUTPUT_STEP = 64 * 1024;
const INPUT_STEP = 256 * 1024;
const EMPTY = new Uint8Array(0);

const FORMATS = {
  deflate: [() => zlib.createDeflate(), () => zlib.createInflate(), Z_FINISH],
  "deflate-raw": [() => zlib.createDeflateRaw(), () => zlib.createInflateRaw(), Z_FINISH],
  gzip: [() => zlib.createGzip(), () => zlib.createGunzip(), Z_FINISH],
  brotli: [
    () => zlib.createBrotliCompress(),
    () => zlib.createBrotliDecompress(),
    BROTLI_OPERATION_FINISH,
  ],
  zstd: [() => zlib.createZstdCompress(), () => zlib.createZstdDecompress(), ZSTD_e_end],
} as const;

export type ZlibFormat = keyof typeof FORMATS;
export const isZlibFormat = (format: string): format is ZlibFormat =>
  Object.hasOwn(FORMATS, format);

export class ZlibSteps {
  readonly #engine: Engine;
  readonly #decodes: boolean;
  readonly #finish: number;
  #input: Uint8Array = EMPTY;
  #final = false;
  #more = false;
  #failed: string | null = null;

  constructor(format: ZlibFormat, decodes: boolean) {
    const [compress, decompress, finish] = FORMATS[format];
    this.#engine = (decodes ? decompress() : compress()) as unknown as Engine;
    this.#decodes = decodes;
    this.#finish = finish;
    this.#engine._handle.onerror = (message) => {
      this.#failed = message;
    };
  }
  /** Starts on new input, after the last one was used up; `next` gives what comes of it. */
  write(input: Uint8Array, final: boolean): void {
    this.#input = input;
    this.#final = final;
    this.#more = true;
  }
  /** Output of one step or more; null when the input is used up. Throws a TypeError for broken input. */
  next(): Uint8Array | null {
    while (this.#more) {
      const output = this.#step();
      if (output.length > 0) return output;
    }
    return null;
  }
  /** Copies what is left of an input that will not stay as it is. */
  keepInput(): void {
    if (this.#input.length > 0) this.#input = this.#input.slice();
  }
  close(): void {
    this.#engine.close();
    this.#more = false;
  }
  #step(): Uint8Array {
    const output = new Uint8Array(OUTPUT_STEP);
    const input = this.#input;
    const length = Math.min(input.length, INPUT_STEP);
    const flush = this.#final && length === input.length ? this.#finish : Z_NO_FLUSH;
    this.#engine._handle.writeSync(flush, input, 0, length, output, 0, OUTPUT_STEP);
    if (this.#failed !== null) {
      throw new HostError("TypeError", `The compressed data is not valid: ${this.#failed}`);
    }
    const [space = 0, left = 0] = this.#engine._writeState;
    if (this.#decodes && left > 0 && space > 0) {
      throw new HostError("TypeError", "The compressed data goes on after its end");
    }
    this.#input = input.subarray(length - left);
    this.#more = space === 0 || this.#input.length > 0;
    return output.subarray(0, OUTPUT_STEP - space);
  }
}
