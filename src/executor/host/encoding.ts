/** Text codecs: the guest's TextEncoder, TextDecoder and body readers. */
import type { HostContext, HostOperations } from "./host-function.ts";

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

export const encodingOperations: HostOperations = {
  "text.encode": (_context: HostContext, text) => encoder.encode(text as string),
  "text.decode": (_context: HostContext, bytes) => utf8.decode(bytes as Uint8Array),
};
