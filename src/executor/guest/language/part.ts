/** What the language has and QuickJS lacks; each piece is put in place when it is first read. */
import { definePart } from "../registry.ts";
import { Atomics } from "./atomics.ts";
import { WeakRef } from "./weak-ref.ts";
import { byteMethods, byteStatics } from "./bytes.ts";

export const language = { Atomics, WeakRef, byteMethods, byteStatics };
export type Language = typeof language;
definePart("language", language);
