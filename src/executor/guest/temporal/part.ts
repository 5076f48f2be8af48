/** Temporal, by the package temporal-polyfill with all its calendars, over the Intl of part `intl`. */
import {
  Intl as WithTemporal,
  Temporal,
  toTemporalInstant,
} from "temporal-polyfill/full/implementation";
import { definePart } from "../registry.ts";

function hidden(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true });
}

// Only now can a format be given a date of Temporal.
hidden(Intl, "DateTimeFormat", WithTemporal.DateTimeFormat);

const classes = Object.getOwnPropertyNames(Temporal).flatMap((name) => {
  const value: unknown = (Temporal as unknown as Record<string, unknown>)[name];
  return typeof value === "function" ? [value as new () => object] : [];
});

// A console shows their text, as in Deno.
const inspect = function (this: object): string {
  return String(this);
};
for (const { prototype } of classes)
  hidden(prototype as object, Symbol.for("Deno.customInspect"), inspect);

const isTemporal = (value: object): boolean => classes.some((Class) => value instanceof Class);

const temporal = { Temporal, isTemporal, dateMethods: { toTemporalInstant } };
export type TemporalPart = typeof temporal;
definePart("temporal", temporal);
