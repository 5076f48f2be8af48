/** What an object shows besides its own properties. */
import type { Key } from "./properties.ts";

export interface Shape {
  /** The whole text where there are no keys to show. */
  whole?: string;
  /** Stands before the brace: of functions, errors and other values that have a text of their own. */
  base?: string;
  /** Name and tag, with a space at the end, or nothing. */
  prefix: string;
  /** The list itself, where the braces are brackets. */
  list?: ArrayLike<unknown>;
  /** Written entries; `depth` is theirs. */
  entries?: (depth: number) => string[];
  /** Own properties after the entries. */
  keys: Key[];
}
