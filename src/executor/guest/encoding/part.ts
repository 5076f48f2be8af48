import { definePart } from "../registry.ts";
import { atob, btoa } from "./base64.ts";
import { TextDecoder } from "./decoder.ts";
import { encodeUtf8, TextEncoder } from "./encoder.ts";

export const encoding = { TextEncoder, TextDecoder, atob, btoa, encodeUtf8 };

export type Encoding = typeof encoding;

definePart("encoding", encoding);
