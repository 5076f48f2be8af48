/** The JsonWebKey dictionary, member by member in WebIDL's order. */
import { stringsOf, textOf } from "./convert.ts";
import { stringifyJson } from "./primordials.ts";

const MEMBERS = [
  "alg",
  "crv",
  "d",
  "dp",
  "dq",
  "e",
  "ext",
  "k",
  "key_ops",
  "kty",
  "n",
  "oth",
  "p",
  "priv",
  "pub",
  "q",
  "qi",
  "use",
  "x",
  "y",
];
const OTHER_PRIME_MEMBERS = ["d", "r", "t"];

function convertMember(name: string, value: unknown): unknown {
  if (name === "ext") return Boolean(value);
  if (name === "key_ops") return stringsOf(value, "key_ops");
  if (name === "oth") {
    const primes: unknown[] = [];
    for (const prime of value as Iterable<object>)
      primes[primes.length] = convertMembers(prime, OTHER_PRIME_MEMBERS);
    return primes;
  }
  return textOf(value);
}

function convertMembers(value: object, names: readonly string[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of names) {
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined) result[name] = convertMember(name, member);
  }
  return result;
}

/** JSON text for the host. TypeError for what is no dictionary. */
export function jwkJson(value: unknown): string {
  if (value === null || value === undefined) return "{}";
  if (typeof value !== "object" && typeof value !== "function") {
    throw new TypeError("Cannot use keyData: it is neither a BufferSource nor a JsonWebKey");
  }
  return stringifyJson(convertMembers(value, MEMBERS));
}
