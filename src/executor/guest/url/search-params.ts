/** URLSearchParams of the URL standard. */
import { usePart } from "../registry.ts";
import type { Core } from "../core/part.ts";
import { parseForm, serializeForm } from "./form.ts";

const {
  definePairIterable,
  finishInterface,
  illegalInvocation,
  isObject,
  iteratorMethod,
  requireArguments,
  toRecord,
  toSequence,
  toUSVString,
} = usePart<Core>("core").webidl;

let isParams: (value: unknown) => value is URLSearchParams;
let pairAt: (params: URLSearchParams, index: number) => [string, string] | undefined;
let attach: (params: URLSearchParams, update: (query: string) => void) => void;
let replace: (params: URLSearchParams, query: string) => void;

function listFrom(init: unknown): string[] {
  if (!isObject(init)) {
    const text = toUSVString(init);
    return parseForm(text.charCodeAt(0) === 0x3f ? text.slice(1) : text);
  }
  if (iteratorMethod(init, "The init of URLSearchParams") === undefined)
    return toRecord(init, toUSVString, toUSVString);
  const pairs = toSequence(init, "The init of URLSearchParams", (pair) =>
    toSequence(pair, "A pair of URLSearchParams", toUSVString),
  );
  const flat: string[] = [];
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as string[];
    if (pair.length !== 2)
      throw new TypeError(`A pair of URLSearchParams has to have two items: it has ${pair.length}`);
    flat.push(pair[0] as string, pair[1] as string);
  }
  return flat;
}

function find(list: readonly string[], name: string, from: number): number {
  let at = list.indexOf(name, from);
  while (at >= 0 && (at & 1) === 1) at = list.indexOf(name, at + 1);
  return at;
}

const WHERE = (member: string): string => `Failed to execute '${member}' on 'URLSearchParams'`;

export class URLSearchParams {
  #list: string[];
  /** Writes the serialized list back into the URL it belongs to. */
  #update: ((query: string) => void) | null = null;

  constructor(init: unknown = "") {
    this.#list = init === "" ? [] : listFrom(init);
  }

  get size(): number {
    return this.#list.length / 2;
  }

  append(name: string, value: string): void {
    const list = this.#list;
    requireArguments(arguments.length, 2, WHERE("append"));
    list.push(toUSVString(name), toUSVString(value));
    this.#changed();
  }

  delete(name: string, value: string | undefined = undefined): void {
    const list = this.#list;
    requireArguments(arguments.length, 1, WHERE("delete"));
    name = toUSVString(name);
    const wanted = value === undefined ? undefined : toUSVString(value);
    for (let at = find(list, name, 0); at >= 0; at = find(list, name, at)) {
      if (wanted === undefined || list[at + 1] === wanted) list.splice(at, 2);
      else at += 2;
    }
    this.#changed();
  }

  get(name: string): string | null {
    const list = this.#list;
    if (name === undefined) requireArguments(arguments.length, 1, WHERE("get"));
    const at = find(list, toUSVString(name), 0);
    return at < 0 ? null : (list[at + 1] as string);
  }

  getAll(name: string): string[] {
    const list = this.#list;
    requireArguments(arguments.length, 1, WHERE("getAll"));
    name = toUSVString(name);
    const values: string[] = [];
    for (let at = find(list, name, 0); at >= 0; at = find(list, name, at + 2))
      values.push(list[at + 1] as string);
    return values;
  }

  has(name: string, value: string | undefined = undefined): boolean {
    const list = this.#list;
    requireArguments(arguments.length, 1, WHERE("has"));
    name = toUSVString(name);
    if (value === undefined) return find(list, name, 0) >= 0;
    const wanted = toUSVString(value);
    for (let at = find(list, name, 0); at >= 0; at = find(list, name, at + 2))
      if (list[at + 1] === wanted) return true;
    return false;
  }

  set(name: string, value: string): void {
    const list = this.#list;
    requireArguments(arguments.length, 2, WHERE("set"));
    name = toUSVString(name);
    value = toUSVString(value);
    const at = find(list, name, 0);
    if (at < 0) {
      list.push(name, value);
    } else {
      list[at + 1] = value;
      for (let next = find(list, name, at + 2); next >= 0; next = find(list, name, next))
        list.splice(next, 2);
    }
    this.#changed();
  }

  sort(): void {
    const list = this.#list;
    const order: number[] = [];
    for (let i = 0; i < list.length; i += 2) order.push(i);
    order.sort((a, b) => {
      const first = list[a] as string;
      const second = list[b] as string;
      return first < second ? -1 : first > second ? 1 : 0;
    });
    const sorted: string[] = [];
    for (let i = 0; i < order.length; i++) {
      const at = order[i] as number;
      sorted.push(list[at] as string, list[at + 1] as string);
    }
    this.#list = sorted;
    this.#changed();
  }

  toString(): string {
    return serializeForm(this.#list);
  }

  #changed(): void {
    this.#update?.(serializeForm(this.#list));
  }

  static {
    isParams = (value): value is URLSearchParams => isObject(value) && #list in value;
    pairAt = (params, index) => {
      if (!(#list in params)) illegalInvocation();
      const list = params.#list;
      return index * 2 < list.length
        ? [list[index * 2] as string, list[index * 2 + 1] as string]
        : undefined;
    };
    attach = (params, update) => {
      params.#update = update;
    };
    replace = (params, query) => {
      params.#list = parseForm(query);
    };
  }
}
definePairIterable(URLSearchParams, "URLSearchParams", (params, index) => pairAt(params, index));
finishInterface(URLSearchParams, "URLSearchParams");

export const isURLSearchParams = (value: unknown): value is URLSearchParams => isParams(value);

/** The parameters of a URL: `update` gets the new query after each change. */
export function paramsOf(query: string, update: (query: string) => void): URLSearchParams {
  const params = new URLSearchParams();
  replace(params, query);
  attach(params, update);
  return params;
}

export const replaceParams = (params: URLSearchParams, query: string): void =>
  replace(params, query);
