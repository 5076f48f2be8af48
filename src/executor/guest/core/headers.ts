/** Headers of the Fetch standard. A list is flat: name, value, name, value; names are lower-case. */
import { combined, indexOfName, removeFrom, sortedAndCombined } from "./header-list.ts";
import {
  definePairIterable,
  finishInterface,
  illegalInvocation,
  isObject,
  iteratorMethod,
  matches,
  requireArguments,
  toByteString,
  toSequence,
} from "./webidl.ts";

export type HeaderGuard = "none" | "request" | "response" | "immutable";

const { ownKeys } = Reflect;
const { propertyIsEnumerable } = Object.prototype;
const NOT_TOKEN = /[^!#$%&'*+\-.^_`|~\w]/;
const BAD_VALUE = /[\0\r\n]/;
const PLAIN_VALUE = /^[!-~](?:[ -~]*[!-~])?$/;

/** Names and values met before and found valid; expressions cost more than a look here. */
const knownNames: Record<string, string> = Object.create(null);
const knownValues: Record<string, true> = Object.create(null);
const KNOWN_MAX = 256;
const KNOWN_LENGTH_MAX = 100;
let namesKnown = 0;
let valuesKnown = 0;

const isEdge = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function trimEdges(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isEdge(value.charCodeAt(start))) start++;
  while (end > start && isEdge(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

/** Converts, validates and lower-cases a name. */
function checkedName(name: unknown): string {
  const known = typeof name === "string" ? knownNames[name] : undefined;
  if (known !== undefined) return known;
  const text = toByteString(name, "The header name");
  if (text === "" || matches(NOT_TOKEN, text))
    throw new TypeError(`Invalid header name: "${text}"`);
  const lower = text.toLowerCase();
  if (namesKnown < KNOWN_MAX && text.length < KNOWN_LENGTH_MAX) {
    knownNames[text] = lower;
    namesKnown++;
  }
  return lower;
}

/** Validates a ByteString as a value and takes the white space off its ends. */
function checkedValue(value: string): string {
  if (knownValues[value] !== undefined) return value;
  if (!matches(PLAIN_VALUE, value)) {
    const trimmed = trimEdges(value);
    if (matches(BAD_VALUE, trimmed))
      throw new TypeError(`Invalid header value: ${JSON.stringify(value)}`);
    return trimmed;
  }
  if (valuesKnown < KNOWN_MAX && value.length < KNOWN_LENGTH_MAX) {
    knownValues[value] = true;
    valuesKnown++;
  }
  return value;
}

const nameArgument = (value: unknown): string =>
  typeof value === "string" && knownNames[value] !== undefined
    ? value
    : toByteString(value, "The header name");
const valueArgument = (value: unknown): string =>
  typeof value === "string" && knownValues[value] !== undefined
    ? value
    : toByteString(value, "The header value");

/** Lists that no script may change. */
const immutable = new WeakSet<readonly string[]>();
/** What was iterated last, until a list changes. */
let sortedList: readonly string[] | null = null;
let sortedPairs: [string, string][] = [];

function beforeChange(list: readonly string[]): void {
  sortedList = null;
  if (immutable.has(list)) throw new TypeError("Cannot change header: headers are immutable");
}

let listOf: (headers: Headers) => string[];
let create: (list: string[], guard: HeaderGuard) => Headers;
let pairAt: (headers: Headers, index: number) => [string, string] | undefined;
let isHeadersObject: (value: unknown) => value is Headers;
let append: (headers: Headers, name: string, value: string) => void;

export class Headers {
  #list: string[] = [];

  constructor(init: unknown = undefined) {
    if (init !== undefined) this.#list = headerListFrom(init);
  }

  append(name: string, value: string): void {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 2, "Failed to execute 'append' on 'Headers'");
    name = nameArgument(name);
    append(this, name, valueArgument(value));
  }

  delete(name: string): void {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'delete' on 'Headers'");
    name = checkedName(name);
    const list = this.#list;
    beforeChange(list);
    removeFrom(list, name, 0);
  }

  get(name: string): string | null {
    if (!(#list in this)) illegalInvocation();
    if (name === undefined)
      requireArguments(arguments.length, 1, "Failed to execute 'get' on 'Headers'");
    return combined(this.#list, checkedName(name));
  }

  getSetCookie(): string[] {
    if (!(#list in this)) illegalInvocation();
    const list = this.#list;
    const values: string[] = [];
    for (
      let at = indexOfName(list, "set-cookie");
      at >= 0;
      at = indexOfName(list, "set-cookie", at + 2)
    ) {
      values.push(list[at + 1] as string);
    }
    return values;
  }

  has(name: string): boolean {
    if (!(#list in this)) illegalInvocation();
    if (name === undefined)
      requireArguments(arguments.length, 1, "Failed to execute 'has' on 'Headers'");
    return indexOfName(this.#list, checkedName(name)) >= 0;
  }

  set(name: string, value: string): void {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 2, "Failed to execute 'set' on 'Headers'");
    name = nameArgument(name);
    value = checkedValue(valueArgument(value));
    name = checkedName(name);
    const list = this.#list;
    beforeChange(list);
    const at = indexOfName(list, name);
    if (at < 0) {
      list.push(name, value);
      return;
    }
    list[at + 1] = value;
    for (
      let next = indexOfName(list, name, at + 2);
      next >= 0;
      next = indexOfName(list, name, next)
    ) {
      list.splice(next, 2);
    }
  }

  static {
    isHeadersObject = (value): value is Headers => isObject(value) && #list in value;
    listOf = (headers) => headers.#list;
    create = (list, guard) => {
      const headers = new Headers();
      headers.#list = list;
      if (guard === "immutable") immutable.add(list);
      return headers;
    };
    pairAt = (headers, index) => {
      if (!(#list in headers)) illegalInvocation();
      const list = headers.#list;
      if (sortedList !== list) {
        sortedPairs = sortedAndCombined(list);
        sortedList = list;
      }
      return sortedPairs[index];
    };
    append = (headers, name, value) => {
      value = checkedValue(value);
      name = checkedName(name);
      beforeChange(headers.#list);
      headers.#list.push(name, value);
    };
  }
}
definePairIterable(Headers, "Headers", (headers, index) => pairAt(headers, index));
finishInterface(Headers, "Headers");
const entriesMethod: unknown = Headers.prototype[Symbol.iterator as never];

/** The list of a HeadersInit: a new array. */
export function headerListFrom(init: unknown): string[] {
  if (!isObject(init)) {
    throw new TypeError(
      "Headers cannot be made of this value: it is neither a sequence nor a record",
    );
  }
  const method = iteratorMethod(init, "HeadersInit");
  if (method === undefined) return fromRecord(init);
  if (method === entriesMethod && isHeadersObject(init)) return listOf(init).slice();
  const pairs = toSequence(init, "HeadersInit", (pair) =>
    toSequence(pair, "A header pair", (item) => toByteString(item, "A header's name or value")),
  );
  const list: string[] = [];
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as string[];
    if (pair.length !== 2)
      throw new TypeError(`A header pair has to have two items: it has ${pair.length}`);
    const value = checkedValue(pair[1] as string);
    list.push(checkedName(pair[0]), value);
  }
  return list;
}

function fromRecord(init: object): string[] {
  const list: string[] = [];
  const keys = ownKeys(init);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (propertyIsEnumerable.call(init, key)) {
      list.push(nameArgument(key), valueArgument((init as Record<string, unknown>)[key]));
    }
  }
  // Everything is converted before anything is validated.
  for (let i = 0; i < list.length; i += 2) {
    list[i + 1] = checkedValue(list[i + 1] as string);
    list[i] = checkedName(list[i]);
  }
  return list;
}

/** Wraps a list without checks; the list is not copied. */
export const headersFromList = (list: string[], guard: HeaderGuard): Headers => create(list, guard);

/** The list itself, not a copy. */
export const headerList = (headers: Headers): string[] => listOf(headers);
export const isHeaders = (value: unknown): value is Headers => isHeadersObject(value);
