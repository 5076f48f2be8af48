/** TextEncoder of the Encoding standard. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { Core } from "../core/part.ts";

const { finishInterface, illegalInvocation, requireArguments, toDOMString } =
  usePart<Core>("core").webidl;
const hostEncode = bindHost("text.encode") as (text: string) => Uint8Array;
const hostDecode = bindHost("text.decodeAs") as (
  bytes: Uint8Array,
  encoding: string,
  fatal: boolean,
) => string;

const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

/** UTF-8 bytes; lone surrogates become U+FFFD. */
export const encodeUtf8 = (text: string): Uint8Array =>
  text === "" ? new Uint8Array(0) : hostEncode(text.toWellFormed());

interface EncodeIntoResult {
  read: number;
  written: number;
}

function encodeInto(source: string, target: Uint8Array): EncodeIntoResult {
  // Also a detached one, whose `set` would throw.
  if (target.length === 0) return { read: 0, written: 0 };
  let text = source;
  if (text.length > target.length) {
    text = text.slice(0, target.length);
    // Half of a pair at the cut: the whole of it cannot fit.
    const last = text.charCodeAt(text.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) text = text.slice(0, -1);
  }
  const bytes = encodeUtf8(text);
  if (bytes.length <= target.length) {
    target.set(bytes);
    return { read: text.length, written: bytes.length };
  }
  let end = target.length;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  const written = bytes.subarray(0, end);
  target.set(written);
  return { read: hostDecode(written, "utf-8", false).length, written: end };
}

export class TextEncoder {
  #brand = true;

  get encoding(): string {
    if (!(#brand in this)) illegalInvocation();
    return "utf-8";
  }

  encode(input: unknown = ""): Uint8Array {
    if (!(#brand in this)) illegalInvocation();
    return encodeUtf8(toDOMString(input));
  }

  encodeInto(source: unknown, destination: unknown): EncodeIntoResult {
    if (!(#brand in this)) illegalInvocation();
    requireArguments(arguments.length, 2, "Failed to execute 'encodeInto' on 'TextEncoder'");
    const text = toDOMString(source);
    if (tagOf.call(destination) !== "Uint8Array") {
      throw new TypeError(
        "Failed to execute 'encodeInto' on 'TextEncoder': parameter 2 is not a Uint8Array",
      );
    }
    return encodeInto(text, destination as Uint8Array);
  }
}
finishInterface(TextEncoder, "TextEncoder");
