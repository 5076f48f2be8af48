/** The classes of node:zlib, which packages also call without `new` and drive by their handle. */
import { buffers, join, toBytes } from "../node-crypto/bytes.ts";
import { callable } from "../node-events/callable.ts";
import { usePart } from "../registry.ts";
import { type Handle, makeHandle } from "./handle.ts";

type Callback = (error: unknown, value?: unknown) => void;
type Codec = (data: unknown, options: unknown) => Uint8Array;
type Transform = new (options?: unknown) => { push(chunk: unknown): boolean };
export type StreamClass = new (options?: unknown) => object;

const CHUNK = 16_384;

export function makeStream(title: string, codec: Codec): StreamClass {
  const { Transform } = usePart<{ stream: { Transform: Transform } }>("node-stream").stream;
  return callable(Transform, (base) => {
    const holder = {
      [title]: class extends base {
        readonly #options: unknown;
        readonly #chunks: Uint8Array[] = [];
        readonly _chunkSize: number;
        readonly _outOffset = 0;
        readonly _writeState = new Uint32Array(2);
        _handle: Handle | null;
        #outBuffer: Uint8Array | undefined;

        constructor(options?: unknown) {
          super();
          this.#options = options;
          this._chunkSize = (options as { chunkSize?: number } | undefined)?.chunkSize ?? CHUNK;
          this._handle = makeHandle((data) => codec(data, options), this._writeState);
        }

        /** Only who drives the handle needs it. */
        get _outBuffer(): Uint8Array {
          return (this.#outBuffer ??= buffers().wrap(new Uint8Array(this._chunkSize)));
        }

        _transform(chunk: unknown, encoding: unknown, callback: Callback): void {
          this.#chunks.push(toBytes(chunk, encoding));
          callback(null);
        }

        _flush(callback: Callback): void {
          try {
            const chunks = this.#chunks.length === 0 ? [new Uint8Array(0)] : this.#chunks;
            this.push(codec(join(chunks), this.#options));
            callback(null);
          } catch (error) {
            callback(error);
          }
        }

        _processChunk(chunk: unknown): Uint8Array {
          return codec(chunk, this.#options);
        }

        flush(callback?: () => void): void {
          callback?.();
        }

        close(callback?: () => void): void {
          this._handle = null;
          callback?.();
        }
      },
    };
    return holder[title] as Transform;
  });
}
