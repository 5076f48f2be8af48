/** Tag and Exception. */
import { defineWasmInterface, dictionaryOf, unsigned, valueTypeOf } from "./descriptors.ts";
import { host } from "./host.ts";
import { perform } from "./store.ts";
import { toHost, toScript, unpackList } from "./values.ts";

const HIDDEN = Symbol("hidden");

interface TagSlots {
  id: number;
  params: string[];
}

let tagSlots: (value: unknown) => TagSlots | undefined;
const tags = new Map<number, Tag>();

export class Tag {
  #slots: TagSlots;
  constructor(type: unknown) {
    const [hidden, slots] = arguments as unknown as [unknown, TagSlots];
    if (hidden === HIDDEN) {
      this.#slots = slots;
      return;
    }
    const { parameters } = dictionaryOf(type, "Tag");
    if (parameters === undefined) throw new TypeError("Cannot make a Tag: parameters is missing");
    const params = [...(parameters as Iterable<unknown>)].map((value) => valueTypeOf(value, "Tag"));
    const json = JSON.stringify(params);
    this.#slots = { id: perform(() => host.newTag(json)) as number, params };
    tags.set(this.#slots.id, this);
  }
  static {
    tagSlots = (value) =>
      typeof value === "object" && value !== null && #slots in value ? value.#slots : undefined;
  }
}

export const tagNumber = (value: unknown): number | undefined => tagSlots(value)?.id;

export function tagFor(id: number, params: string[]): Tag {
  let tag = tags.get(id);
  if (!tag)
    tags.set(
      id,
      (tag = new (Tag as new (hidden: symbol, slots: TagSlots) => Tag)(HIDDEN, { id, params })),
    );
  return tag;
}

/** The tag under which wasm catches what JavaScript throws. */
export const jsTag = (): Tag => tagFor(perform(() => host.newTag("js")) as number, ["externref"]);

interface ExceptionParts {
  tag: number;
  params: string[];
  payload: unknown[];
}

let partsOf: (value: unknown) => ExceptionParts | undefined;

export class Exception {
  #parts: ExceptionParts;
  constructor(tag: unknown, payload: unknown) {
    const slots = tagSlots(tag);
    if (!slots)
      throw new TypeError("Cannot make an Exception: the first argument is not a WebAssembly.Tag");
    const values = [...(payload as Iterable<unknown>)];
    if (values.length !== slots.params.length)
      throw new TypeError(
        `Cannot make an Exception: ${values.length} values where the tag has ${slots.params.length}`,
      );
    const converted = slots.params.map((type, index) =>
      toScript(type, toHost(type, values[index])),
    );
    this.#parts = { tag: slots.id, params: slots.params, payload: converted };
  }
  is(tag: unknown): boolean {
    const slots = tagSlots(tag);
    if (!slots) throw new TypeError("Cannot compare: the argument is not a WebAssembly.Tag");
    return slots.id === this.#parts.tag;
  }
  getArg(tag: unknown, index: unknown): unknown {
    if (!this.is(tag))
      throw new TypeError("Cannot get the argument: the exception has another tag");
    const place = unsigned(index, "index");
    if (place >= this.#parts.payload.length)
      throw new RangeError(`Cannot get argument ${place}: there are ${this.#parts.payload.length}`);
    return this.#parts.payload[place];
  }
  static {
    partsOf = (value) =>
      typeof value === "object" && value !== null && #parts in value ? value.#parts : undefined;
  }
}

export const exceptionParts = (value: unknown): ExceptionParts | undefined => partsOf(value);

/** What the host says of an exception that no wasm caught. */
export function exceptionFrom(json: string): Exception {
  const { tag, args } = JSON.parse(json) as { tag: number; args: string };
  const known = tags.get(tag) as Tag;
  const { params } = tagSlots(known) as TagSlots;
  const payload = unpackList(args).map((value, index) => toScript(params[index] as string, value));
  return new Exception(known, payload);
}

defineWasmInterface(Tag, "Tag", 1);
defineWasmInterface(Exception, "Exception", 2);
