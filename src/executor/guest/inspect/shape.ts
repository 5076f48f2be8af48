/** What an object shows besides its own properties. */
import type { Inspection } from "./context.ts";

export interface Shape {
  prefix: string;
  /** The whole text where the object has no own properties to show; else what stands before them. */
  text?: string;
  list: boolean;
  numeric: boolean;
  entries: string[];
  keys: (string | symbol)[];
}

export type Write = (state: Inspection, value: unknown) => string;
