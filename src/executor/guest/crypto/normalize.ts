/** Algorithm identifiers to a canonical name and typed parameters, as "normalize an algorithm" says. */
import { ALGORITHMS, type Operation } from "./algorithms.ts";
import { bytesOf, enforceRange, textOf } from "./convert.ts";
import { domError } from "./errors.ts";
import { keyOf, type KeySlots } from "./key.ts";
import {
  arrayBuffer,
  arrayBytes,
  arrayOffset,
  lowerCase,
  sliceBytes,
  stringifyJson,
  typedArrayName,
} from "./primordials.ts";

export interface Normalized {
  name: string;
  /** The `hash` parameter's canonical name. */
  hash?: string;
  namedCurve?: string;
  length?: number;
  modulusLength?: number;
  publicExponent?: number[];
  saltLength?: number;
  iterations?: number;
  tagLength?: number;
  public?: KeySlots;
  iv?: Uint8Array;
  counter?: Uint8Array;
  additionalData?: Uint8Array;
  label?: Uint8Array;
  salt?: Uint8Array;
  info?: Uint8Array;
  context?: Uint8Array;
  customization?: Uint8Array;
  functionName?: Uint8Array;
  outputLength?: number;
  domainSeparation?: number;
}

/** Lower-case name to canonical name. Written once, when the part is loaded. */
const CANONICAL: Record<string, string> = { __proto__: null } as unknown as Record<string, string>;
for (const name of Object.keys(ALGORITHMS)) CANONICAL[lowerCase(name)] = name;

const BYTE_PARAMETERS = [
  "iv",
  "counter",
  "additionalData",
  "label",
  "salt",
  "info",
  "context",
  "customization",
  "functionName",
] as const;

function copyBytes(value: unknown, what: string): Uint8Array {
  return sliceBytes(bytesOf(value, what));
}

function publicExponent(value: unknown): number[] {
  if (typedArrayName(value) !== "Uint8Array")
    throw new TypeError("Cannot use publicExponent: it is not a Uint8Array");
  const bytes = new Uint8Array(arrayBuffer(value), arrayOffset(value), arrayBytes(value));
  const numbers: number[] = [];
  for (let index = 0; index < bytes.length; index++) numbers[index] = bytes[index] as number;
  return numbers;
}

function convert(kind: string, value: unknown, what: string): unknown {
  switch (kind) {
    case "bytes":
      return copyBytes(value, what);
    case "octet":
      return enforceRange(value, 0xff, what);
    case "u16":
      return enforceRange(value, 0xffff, what);
    case "u32":
      return enforceRange(value, 0xffff_ffff, what);
    case "hash":
      return normalize("digest", value).name;
    case "string":
      return textOf(value);
    case "key":
      return keyOf(value, what);
    default:
      return publicExponent(value);
  }
}

function nameOf(algorithm: object): string {
  const name = (algorithm as { name?: unknown }).name;
  if (name === undefined) throw new TypeError("Cannot read the algorithm: its name is missing");
  return textOf(name);
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** Throws NotSupportedError for what `operation` cannot be done with, TypeError for malformed parameters. */
export function normalize(operation: Operation, given: unknown): Normalized {
  const algorithm = isObject(given) ? given : { name: textOf(given) };
  const asked = nameOf(algorithm);
  const name = CANONICAL[lowerCase(asked)];
  const parameters = name === undefined ? undefined : ALGORITHMS[name]?.[operation];
  if (name === undefined || parameters === undefined) {
    throw domError(
      "NotSupportedError",
      `Algorithm '${asked}' is not available for ${operation} in PiCloud`,
    );
  }
  const normalized: Normalized = { name };
  if (parameters === "") return normalized;
  for (const parameter of parameters.split(" ")) {
    const required = parameter.endsWith("!");
    const [key = "", kind = ""] = (required ? parameter.slice(0, -1) : parameter).split(":");
    const value = (algorithm as Record<string, unknown>)[key];
    if (value !== undefined)
      (normalized as unknown as Record<string, unknown>)[key] = convert(kind, value, key);
    else if (required) throw new TypeError(`Cannot use algorithm '${name}': its ${key} is missing`);
  }
  return normalized;
}

export const supports = (name: string, operation: Operation): boolean =>
  ALGORITHMS[name]?.[operation] !== undefined;

/** The parameters as JSON, with the names of the byte parameters that follow as arguments of their own. */
export function packParameters(normalized: Normalized): [json: string, ...bytes: Uint8Array[]] {
  const bytes: Uint8Array[] = [];
  const plain: Record<string, unknown> = { ...normalized };
  const names: string[] = [];
  delete plain["public"];
  for (const name of BYTE_PARAMETERS) {
    const value = normalized[name];
    if (value === undefined) continue;
    delete plain[name];
    names[names.length] = name;
    bytes[bytes.length] = value;
  }
  plain["bytes"] = names;
  return [stringifyJson(plain), ...bytes];
}
