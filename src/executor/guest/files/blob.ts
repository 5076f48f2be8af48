/** Blob and File of the File API. */
import { usePart } from "../registry.ts";
import type { Encoding } from "../encoding/part.ts";
import type { Core } from "../core/part.ts";
import type { Stream, StreamsPart } from "../core/contracts.ts";

const { body, webidl } = usePart<Core>("core");
const {
  finishInterface,
  illegalInvocation,
  isObject,
  requireArguments,
  toClampedInteger,
  toDictionary,
  toDOMString,
  toEnum,
  toInteger,
  toSequence,
  toUSVString,
} = webidl;

const ENDINGS = ["transparent", "native"];
const LINE_END = /\r\n?|\n/g;
const NOT_TYPE = /[^ -~]/;
const NOTHING = new Uint8Array(0);
const CHUNK = 65_536;

let bytesOf: (blob: Blob) => Uint8Array;
let isBlobObject: (value: unknown) => value is Blob;
let isFileObject: (value: unknown) => value is File;
let adopt: (bytes: Uint8Array, type: string) => Blob;

type Part = Uint8Array | string;

function convertPart(part: unknown): Part {
  if (isObject(part)) {
    if (isBlobObject(part)) return bytesOf(part);
    const bytes = body.copyBufferSource(part);
    if (bytes !== null) return bytes;
  }
  return toUSVString(part);
}

function concat(parts: readonly Part[], native: boolean): Uint8Array {
  const { encodeUtf8 } = usePart<Encoding>("encoding");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    const chunk =
      typeof part === "string" ? encodeUtf8(native ? part.replace(LINE_END, "\n") : part) : part;
    chunks.push(chunk);
    length += chunk.length;
  }
  // What was converted is a copy already (or belongs to an immutable blob).
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const all = new Uint8Array(length);
  for (let i = 0, at = 0; i < chunks.length; i++) {
    all.set(chunks[i] as Uint8Array, at);
    at += (chunks[i] as Uint8Array).length;
  }
  return all;
}

const normalizedType = (type: string): string => (NOT_TYPE.test(type) ? "" : type.toLowerCase());

interface BlobOptions {
  native: boolean;
  type: string;
}

function convertOptions(options: Record<string, unknown>): BlobOptions {
  const { endings, type } = options;
  return {
    native:
      endings !== undefined && toEnum(endings, ENDINGS, "BlobPropertyBag.endings") === "native",
    type: type === undefined ? "" : normalizedType(toDOMString(type)),
  };
}

export class Blob {
  #bytes: Uint8Array = NOTHING;
  #type = "";

  constructor(blobParts: unknown = undefined, options: unknown = undefined) {
    const parts =
      blobParts === undefined
        ? []
        : toSequence(blobParts, "The first argument of Blob", convertPart);
    const { native, type } = convertOptions(toDictionary(options, "BlobPropertyBag"));
    if (parts.length > 0) this.#bytes = concat(parts, native);
    this.#type = type;
  }

  get size(): number {
    return this.#bytes.length;
  }

  get type(): string {
    return this.#type;
  }

  slice(
    start: unknown = undefined,
    end: unknown = undefined,
    contentType: unknown = undefined,
  ): Blob {
    const bytes = this.#bytes;
    const { length } = bytes;
    const from = start === undefined ? 0 : relative(toClampedInteger(start), length);
    const to = end === undefined ? length : relative(toClampedInteger(end), length);
    const type = contentType === undefined ? "" : normalizedType(toDOMString(contentType));
    return adopt(bytes.subarray(from, Math.max(from, to)), type);
  }

  stream(): Stream {
    const bytes = this.#bytes;
    let at = 0;
    return new (usePart<StreamsPart>("streams").ReadableStream)(
      {
        type: "bytes",
        pull(controller) {
          if (at < bytes.length) {
            const chunk = bytes.slice(at, at + CHUNK);
            at += chunk.length;
            controller.enqueue(chunk);
            return;
          }
          controller.close();
          controller.byobRequest?.respond(0);
        },
      },
      { highWaterMark: 0 },
    );
  }

  textStream(): Stream {
    const { TextDecoderStream } = usePart<{ TextDecoderStream: new () => object }>("streams");
    return this.stream().pipeThrough(new TextDecoderStream());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }

  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }

  async text(): Promise<string> {
    return body.decodeText(this.#bytes);
  }

  static {
    isBlobObject = (value): value is Blob => isObject(value) && #bytes in value;
    bytesOf = (blob) => blob.#bytes;
    adopt = (bytes, type) => {
      const blob = new Blob();
      blob.#bytes = bytes;
      blob.#type = type;
      return blob;
    };
  }
}
finishInterface(Blob, "Blob");

function relative(index: number, length: number): number {
  return index < 0 ? Math.max(length + index, 0) : Math.min(index, length);
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(fileBits: unknown, fileName: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 2, "Failed to construct 'File'");
    if (!isObject(fileBits))
      throw new TypeError("The first argument of File cannot be converted to a sequence");
    const bits = toSequence(fileBits, "The first argument of File", convertPart);
    const name = toUSVString(fileName);
    const dictionary = toDictionary(options, "FilePropertyBag");
    // Members of the inherited dictionary are read first.
    const { native, type } = convertOptions(dictionary);
    const { lastModified } = dictionary;
    super([adopt(concat(bits, native), "")], { type });
    this.#name = name;
    this.#lastModified =
      lastModified === undefined ? Date.now() : toInteger(lastModified, 64, true);
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }

  get webkitRelativePath(): string {
    if (!(#name in this)) illegalInvocation();
    return "";
  }

  static {
    isFileObject = (value): value is File => isObject(value) && #name in value;
  }
}
finishInterface(File, "File");

export const isBlob = (value: unknown): value is Blob => isBlobObject(value);
export const isFile = (value: unknown): value is File => isFileObject(value);

/** The bytes themselves, not to be changed. */
export const blobBytes = (blob: Blob): Uint8Array => bytesOf(blob);

/** A blob around bytes that nobody changes; they are not copied. */
export const blobFromBytes = (bytes: Uint8Array, type: string): Blob => adopt(bytes, type);
