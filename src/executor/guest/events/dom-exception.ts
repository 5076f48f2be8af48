import { defineConstants, defineInterface } from "./idl.ts";

/** In the order of the legacy codes, from 1; a dash ends a constant that has no error name any more. */
const CONSTANTS =
  "INDEX_SIZE DOMSTRING_SIZE- HIERARCHY_REQUEST WRONG_DOCUMENT INVALID_CHARACTER NO_DATA_ALLOWED- " +
  "NO_MODIFICATION_ALLOWED NOT_FOUND NOT_SUPPORTED INUSE_ATTRIBUTE INVALID_STATE SYNTAX INVALID_MODIFICATION " +
  "NAMESPACE INVALID_ACCESS VALIDATION- TYPE_MISMATCH SECURITY NETWORK ABORT URL_MISMATCH QUOTA_EXCEEDED TIMEOUT " +
  "INVALID_NODE_TYPE DATA_CLONE";
const SPELLING: Record<string, string> = { INUSE: "InUse", URL: "URL" };

const constants: Record<string, number> = {};
const codes = new Map<string, number>();
CONSTANTS.split(" ").forEach((entry, index) => {
  const words = entry.replace("-", "").split("_");
  constants[`${words.join("_")}_ERR`] = index + 1;
  const stem = words
    .map((word) => SPELLING[word] ?? `${word[0] ?? ""}${word.slice(1).toLowerCase()}`)
    .join("");
  if (!entry.endsWith("-")) codes.set(`${stem}Error`, index + 1);
});

/** A base class that hands back the object it is given, so that Slots can be put on an existing object. */
const Given = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

class Slots extends Given {
  #name: string;
  #message: string;
  constructor(object: object, name: string, message: string) {
    super(object);
    this.#name = name;
    this.#message = message;
  }
  static has = (value: object): boolean => #name in value;
  static nameOf = (value: unknown): string => (value as Slots).#name;
  static messageOf = (value: unknown): string => (value as Slots).#message;
}
const { has, nameOf, messageOf } = Slots;
const { construct } = Reflect;
const NativeError = Error;
const { captureStackTrace } = Error as unknown as {
  captureStackTrace(error: object, from: unknown): void;
};

/** Each instance is made by Error, so that it has a stack and `Error.isError` holds. */
export class DOMException {
  declare readonly stack: string;
  declare cause?: unknown;

  constructor(message: unknown = "", name: unknown = "Error") {
    const error = construct(NativeError, [], new.target) as DOMException;
    // oxlint-disable-next-line no-new
    new Slots(error, `${name as string}`, `${message as string}`);
    // The stack that Error made knew neither of them.
    captureStackTrace(error, new.target);
    return error;
  }
  get name(): string {
    return nameOf(this);
  }
  get message(): string {
    return messageOf(this);
  }
  get code(): number {
    return codes.get(nameOf(this)) ?? 0;
  }
}
Object.setPrototypeOf(DOMException.prototype, Error.prototype);
defineInterface(DOMException, "DOMException", 0);
defineConstants(DOMException, constants);

export const isDOMException = (value: unknown): value is DOMException =>
  typeof value === "object" && value !== null && has(value);

export const domError = (name: string, message: string): DOMException =>
  new DOMException(message, name);
