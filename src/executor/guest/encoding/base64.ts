/** atob and btoa. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { EventsPart } from "../core/contracts.ts";
import type { Core } from "../core/part.ts";

const { requireArguments, toDOMString } = usePart<Core>("core").webidl;
const decode = bindHost("base64.decode") as (text: string) => string | null;
const encode = bindHost("base64.encode") as (text: string) => string;
const NOT_LATIN1 = /[^\x00-\xff]/;

const invalid = (message: string): Error =>
  usePart<EventsPart>("events").domError("InvalidCharacterError", message);

export const { atob, btoa } = {
  atob(data: string): string {
    requireArguments(arguments.length, 1, "Failed to execute 'atob'");
    const text = toDOMString(data);
    const decoded = NOT_LATIN1.test(text) ? null : decode(text);
    if (decoded === null)
      throw invalid("Failed to decode base64: the text is not correctly encoded");
    return decoded;
  },
  btoa(data: string): string {
    requireArguments(arguments.length, 1, "Failed to execute 'btoa'");
    const text = toDOMString(data);
    if (NOT_LATIN1.test(text)) {
      throw invalid("The string to be encoded contains characters outside of the Latin1 range");
    }
    return encode(text);
  },
};
