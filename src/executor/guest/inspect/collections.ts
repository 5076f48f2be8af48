/** Arrays, typed arrays, maps, sets and buffers. */
import type { Inspection } from "./context.ts";
import { remainingOf } from "./hidden.ts";
import { wrap } from "./layout.ts";
import { prefixOf } from "./names.ts";
import { moreItems, writePrimitive } from "./primitives.ts";
import { shownKeys, shownNames, writeItem } from "./properties.ts";
import type { Shape } from "./shape.ts";

/** Holes are looked for this far. */
const SEARCHED_MAX = 100_000;

function arrayEntries(state: Inspection, array: readonly unknown[], depth: number): string[] {
  const { iterableLimit } = state.options;
  const entries: string[] = [];
  let holes = 0;
  const addHoles = (): void => {
    if (holes > 0)
      entries.push(state.style(`<${holes} empty item${holes === 1 ? "" : "s"}>`, "undefined"));
    holes = 0;
  };
  const end = Math.min(array.length, SEARCHED_MAX);
  let at = 0;
  for (; at < end && entries.length + (holes > 0 ? 1 : 0) < iterableLimit; at++) {
    if (!Object.hasOwn(array, at)) {
      holes++;
      continue;
    }
    addHoles();
    entries.push(writeItem(state, array, at, depth));
  }
  // A gap that goes on is told whole.
  while (holes > 0 && at < end && !Object.hasOwn(array, at)) {
    holes++;
    at++;
  }
  addHoles();
  if (array.length > at) entries.push(moreItems(array.length - at));
  return entries;
}

export function arrayShape(
  state: Inspection,
  array: readonly unknown[],
  constructor: string | null,
  tag: string,
): Shape {
  const isPlain = constructor === "Array" && tag === "";
  const prefix = isPlain ? "" : prefixOf(constructor, tag, "Array", `(${array.length})`);
  return {
    ...(array.length === 0 ? { whole: `${prefix}[]` } : {}),
    prefix,
    list: array,
    entries: (depth) => arrayEntries(state, array, depth),
    keys: shownNames(state, array),
  };
}

const HIDDEN_OF_VIEWS = [
  "BYTES_PER_ELEMENT",
  "length",
  "byteLength",
  "byteOffset",
  "buffer",
] as const;

const lengthOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  "length",
)?.get as (this: unknown) => number;

export function typedShape(
  state: Inspection,
  view: Uint8Array,
  constructor: string | null,
  tag: string,
): Shape {
  const length = lengthOf.call(view);
  const prefix = prefixOf(constructor, constructor === null ? "" : tag, "", `(${length})`);
  const { showHidden, iterableLimit } = state.options;
  const entries = (depth: number): string[] => {
    const count = Math.min(length, iterableLimit);
    const items = Array.from({ length: count }, (_, i) => writePrimitive(state, view[i]));
    if (length > count) items.push(moreItems(length - count));
    if (showHidden) {
      for (const name of HIDDEN_OF_VIEWS)
        items.push(`[${name}]: ${state.indented(() => state.write(view[name], depth, true))}`);
    }
    return items;
  };
  return {
    ...(length === 0 && !showHidden ? { whole: `${prefix}[]` } : {}),
    prefix,
    list: view,
    entries,
    keys: shownNames(state, view),
  };
}

function* firstOf<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}

const { entries: mapEntries } = Map.prototype;
const { values: setValues } = Set.prototype;
const sizeOfMap = Object.getOwnPropertyDescriptor(Map.prototype, "size")?.get as () => number;
const sizeOfSet = Object.getOwnPropertyDescriptor(Set.prototype, "size")?.get as () => number;

function sizeOf(value: object, getter: () => number): number | null {
  try {
    return Reflect.apply(getter, value, []);
  } catch {
    return null;
  }
}

/** Null for what is neither a map nor a set. */
export function collectionShape(
  state: Inspection,
  value: object,
  constructor: string | null,
  tag: string,
): Shape | null {
  const pairs = value instanceof Map || constructor === null ? sizeOf(value, sizeOfMap) : null;
  const isOfPairs = pairs !== null;
  const single = value instanceof Set || constructor === null ? sizeOf(value, sizeOfSet) : null;
  const size = pairs ?? single;
  if (size === null) return null;
  const prefix = prefixOf(constructor, tag, isOfPairs ? "Map" : "Set", `(${size})`);
  const count = Math.min(size, state.options.iterableLimit);
  const entries = (depth: number): string[] =>
    state.indented(() => {
      const write = (item: unknown): string => state.write(item, depth);
      const items = isOfPairs
        ? [...firstOf(mapEntries.call(value as Map<unknown, unknown>), count)].map(
            ([key, item]) => `${write(key)} => ${write(item)}`,
          )
        : [...firstOf(setValues.call(value as Set<unknown>), count)].map(write);
      if (size > count) items.push(moreItems(size - count));
      return items;
    });
  return {
    ...(size === 0 ? { whole: `${prefix}{}` } : {}),
    prefix,
    entries,
    keys: shownKeys(state, value),
  };
}

/** Null for what is no iterator over a map or set. */
export function iteratorShape(state: Inspection, value: object, tag: string): Shape | null {
  const remaining = remainingOf(value, state.options.iterableLimit);
  if (remaining === null) return null;
  const { of, pairs, count, items } = remaining;
  const usual = `${of} Iterator`;
  const name = tag === usual || tag === "" ? usual : `${tag}] [${usual}`;
  const writePair = (pair: unknown[], depth: number): string =>
    wrap(
      state,
      pair.map((item) => state.write(item, depth)),
      { base: "", open: "[", close: "]", list: null },
      depth,
    );
  const entries = (depth: number): string[] =>
    state.indented(() => {
      const texts = items.map((item) =>
        pairs ? writePair(item as unknown[], depth) : state.write(item, depth),
      );
      if (count > items.length) texts.push(moreItems(count - items.length));
      return texts;
    });
  return {
    prefix: `[${pairs ? name.replace(/ Iterator$/, " Entries") : name}] `,
    entries,
    keys: shownKeys(state, value),
  };
}

function bytesText(state: Inspection, buffer: ArrayBuffer): string {
  const shown = Math.min(buffer.byteLength, state.options.iterableLimit);
  const text = Array.from(new Uint8Array(buffer, 0, shown), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join(" ");
  const more = buffer.byteLength - shown;
  const tail = more > 0 ? ` ... ${more} more byte${more === 1 ? "" : "s"}` : "";
  return `${state.style("[Uint8Contents]", "special")}: <${text}${tail}>`;
}

/** `asPart`: only the length, for the buffer that a view shows. */
export function bufferShape(
  state: Inspection,
  buffer: ArrayBuffer,
  prefix: string,
  asPart: boolean,
): Shape {
  const length = `byteLength: ${writePrimitive(state, buffer.byteLength)}`;
  const keys = shownKeys(state, buffer);
  if (asPart) return { whole: `${prefix}{ ${length} }`, prefix, entries: () => [length], keys };
  const isGone = buffer instanceof ArrayBuffer && buffer.detached;
  const entries = (): string[] => [
    isGone ? state.style("(detached)", "special") : bytesText(state, buffer),
    length,
  ];
  return { prefix, entries, keys };
}

export function dataViewShape(state: Inspection, view: DataView, prefix: string): Shape {
  const entries = (depth: number): string[] =>
    (["byteLength", "byteOffset", "buffer"] as const).map(
      (name) => `${name}: ${state.indented(() => state.write(view[name], depth))}`,
    );
  return { prefix, entries, keys: shownKeys(state, view) };
}
