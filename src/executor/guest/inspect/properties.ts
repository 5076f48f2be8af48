/** An object's own properties: which are shown, and how. */
import type { Inspection } from "./context.ts";
import { writeKey, writePrimitive } from "./primitives.ts";

const { getOwnPropertyDescriptor } = Object;

export type Key = string | symbol;

/** Names cannot be told without those of all items: of longer lists only the items are shown. */
const NAMED_LENGTH_MAX = 100_000;
const INDEX = /^(?:0|[1-9]\d*)$/;

/** The own keys of a list after its indices, as far as these are without a gap; they come first, in their order. */
function namesOf(list: object): Key[] {
  const { length } = list as ArrayLike<unknown>;
  if (length > NAMED_LENGTH_MAX) return [];
  const keys = Reflect.ownKeys(list);
  return keys[length - 1] === String(length - 1) ? keys.slice(length) : keys;
}

function isShown(state: Inspection, holder: object, key: Key): boolean {
  return state.options.showHidden || getOwnPropertyDescriptor(holder, key)?.enumerable === true;
}

export function shownKeys(state: Inspection, value: object): Key[] {
  return Reflect.ownKeys(value).filter((key) => isShown(state, value, key));
}

export function shownNames(state: Inspection, list: object): Key[] {
  return namesOf(list).filter(
    (key) => !(typeof key === "string" && INDEX.test(key)) && isShown(state, list, key),
  );
}

function writeGetter(
  state: Inspection,
  holder: object,
  { get, set }: PropertyDescriptor,
  depth: number,
): string {
  const label = set === undefined ? "Getter" : "Getter/Setter";
  const special = (text: string): string => state.style(text, "special");
  if (!state.options.getters) return special(`[${label}]`);
  const around = (text: string): string => special(`[${label}:`) + ` ${text}${special("]")}`;
  try {
    const value: unknown = get?.call(holder);
    if (typeof value !== "object" || value === null) return around(writePrimitive(state, value));
    const text = state.indented(() => state.write(value, depth));
    return `${special(`[${label}]`)} ${text}`;
  } catch (error) {
    return around(`<Inspection threw (${(error as Partial<Error> | null)?.message ?? ""})>`);
  }
}

function writeDescribed(
  state: Inspection,
  holder: object,
  descriptor: PropertyDescriptor,
  depth: number,
): string {
  if (descriptor.get !== undefined) return writeGetter(state, holder, descriptor, depth);
  if (descriptor.set !== undefined) return state.style("[Setter]", "special");
  return state.indented(() => state.write(descriptor.value, depth));
}

export const writeItem = (state: Inspection, list: object, index: number, depth: number): string =>
  writeDescribed(state, list, getOwnPropertyDescriptor(list, index) ?? {}, depth);

export function writeProperty(state: Inspection, holder: object, key: Key, depth: number): string {
  const descriptor = getOwnPropertyDescriptor(holder, key) ?? {
    value: (holder as Record<Key, unknown>)[key],
    enumerable: true,
  };
  const label = writeKey(state, key, descriptor.enumerable === false);
  return `${label}: ${writeDescribed(state, holder, descriptor, depth)}`;
}
