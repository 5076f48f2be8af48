/** TextDecoder of the Encoding standard. The host decodes; what has to wait between chunks stays here. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { Core } from "../core/part.ts";
import { unfinishedUtf16, unfinishedUtf8 } from "./pending.ts";

const { finishInterface, illegalInvocation, toDictionary, toDOMString } =
  usePart<Core>("core").webidl;
const hostDecode = bindHost("text.decodeAs") as (
  bytes: Uint8Array,
  encoding: string,
  fatal: boolean,
) => string;
const hostPartly = bindHost("text.decodePartly") as (
  bytes: Uint8Array,
  encoding: string,
  fatal: boolean,
) => string;
const encodingOf = bindHost("text.encodingOf") as (label: string) => string | null;

const STRANGE_LABEL = /[^\t\n\f\r -~]/;
const BOM = 0xfeff;
const NOTHING = new Uint8Array(0);

/** Adds the code that programs written for Node look at. */
const coded = (error: Error, code: string): Error => Object.assign(error, { code });

function resolveLabel(label: unknown): string {
  const text = toDOMString(label);
  if (text === "utf-8" || text === "utf8") return "utf-8";
  const found = STRANGE_LABEL.test(text) ? null : encodingOf(text);
  if (found === null || found === "replacement") {
    throw coded(
      new RangeError(`The encoding label provided ('${text}') is invalid.`),
      "ERR_ENCODING_NOT_SUPPORTED",
    );
  }
  return found;
}

function bytesOf(input: unknown): Uint8Array {
  if (input === undefined) return NOTHING;
  if (ArrayBuffer.isView(input)) {
    // A view whose buffer was detached has no bytes.
    if (input.byteLength === 0) return NOTHING;
    return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  if (input instanceof ArrayBuffer || input instanceof SharedArrayBuffer) {
    return input.byteLength === 0 ? NOTHING : new Uint8Array(input);
  }
  const message =
    "Failed to execute 'decode' on 'TextDecoder': parameter 1 is neither an ArrayBuffer nor a view of one";
  throw coded(new TypeError(message), "ERR_INVALID_ARG_TYPE");
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function decoderOptions(options: unknown): Record<string, unknown> {
  try {
    return toDictionary(options, "TextDecoderOptions");
  } catch (error) {
    throw coded(error as Error, "ERR_INVALID_ARG_TYPE");
  }
}

const SINGLE_BYTE = /^(?:ibm866|iso-8859|koi8|mac|windows|x-mac|x-user)/;

/** State of a decoder between chunks. */
class Stream {
  readonly encoding: string;
  readonly fatal: boolean;
  /** Bytes of an unfinished character; for multi-byte legacy encodings all bytes since the start. */
  held: Uint8Array = NOTHING;
  /** Of those encodings: how much text the held bytes have given. */
  given = 0;
  started = false;

  constructor(encoding: string, fatal: boolean) {
    this.encoding = encoding;
    this.fatal = fatal;
  }

  decode(chunk: Uint8Array, more: boolean): string {
    const { encoding, fatal } = this;
    if (SINGLE_BYTE.test(encoding)) return hostDecode(chunk, encoding, fatal);
    const bytes = joined(this.held, chunk);
    const wide = encoding === "utf-16le" || encoding === "utf-16be";
    if (encoding !== "utf-8" && !wide) return this.#decodeLegacy(bytes, chunk, more);
    if (!more) {
      this.held = NOTHING;
      return bytes.length === 0 ? "" : hostDecode(bytes, encoding, fatal);
    }
    const waiting = wide ? unfinishedUtf16(bytes, encoding === "utf-16be") : unfinishedUtf8(bytes);
    const end = bytes.length - waiting;
    this.held = waiting === 0 ? NOTHING : bytes.slice(end);
    return end === 0 ? "" : hostDecode(bytes.subarray(0, end), encoding, fatal);
  }

  /** These encodings have state that only their decoder knows: the text so far is decoded anew. */
  #decodeLegacy(bytes: Uint8Array, chunk: Uint8Array, more: boolean): string {
    const text = (more ? hostPartly : hostDecode)(bytes, this.encoding, this.fatal);
    const fresh = text.slice(this.given);
    this.held = more ? (bytes === chunk ? bytes.slice() : bytes) : NOTHING;
    this.given = more ? text.length : 0;
    return fresh;
  }
}

export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  #stream: Stream | null = null;

  constructor(label: unknown = "utf-8", options: unknown = undefined) {
    this.#encoding = resolveLabel(label);
    const { fatal, ignoreBOM } = decoderOptions(options);
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }

  get encoding(): string {
    return this.#encoding;
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input: unknown = undefined, options: unknown = undefined): string {
    if (!(#encoding in this)) illegalInvocation();
    const bytes = bytesOf(input);
    const more =
      options === undefined ? false : Boolean(toDictionary(options, "TextDecodeOptions")["stream"]);
    const state = this.#stream ?? new Stream(this.#encoding, this.#fatal);
    let text: string;
    try {
      text = state.decode(bytes, more);
    } catch (error) {
      this.#stream = null;
      throw error;
    }
    if (!state.started && text !== "") {
      state.started = true;
      if (!this.#ignoreBOM && text.charCodeAt(0) === BOM && this.#encoding.startsWith("utf"))
        text = text.slice(1);
    }
    this.#stream = more ? state : null;
    return text;
  }
}
finishInterface(TextDecoder, "TextDecoder");
