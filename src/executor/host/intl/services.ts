/** Formatters of the host, made from what the guest's constructor was given and kept by that. */
import type { HostValue } from "../host-function.ts";
import { HostError } from "../host-function.ts";

const KEPT = 128;
/** Scripts see the same whatever machine they run on. */
const DEFAULT_LOCALE = "en-US";
const DEFAULT_TIME_ZONE = "UTC";

/** Any of Intl's services: constructed from locales and options, with methods by name. */
export type Service = Record<string, (...args: unknown[]) => unknown>;
type ServiceClass = (new (locales: string[], options: object) => Service) & {
  supportedLocalesOf?(locales: string[], options?: object): string[];
};

const KINDS = [
  "Collator",
  "DateTimeFormat",
  "DisplayNames",
  "DurationFormat",
  "ListFormat",
  "NumberFormat",
  "PluralRules",
  "RelativeTimeFormat",
  "Segmenter",
];

export function serviceClass(kind: string): ServiceClass {
  const found = KINDS.includes(kind)
    ? (Intl as unknown as Record<string, ServiceClass | undefined>)[kind]
    : undefined;
  if (found === undefined)
    throw new HostError("TypeError", `Intl.${kind} is not available in PiCloud`);
  return found;
}

/** Least recently used first. */
const kept = new Map<string, Service>();

/** `key` is the JSON of [kind, locales, options]. Throws RangeError and TypeError for what is not valid. */
export function serviceOf(key: HostValue): Service {
  const id = String(key);
  const known = kept.get(id);
  if (known) {
    kept.delete(id);
    kept.set(id, known);
    return known;
  }
  const made = asGuestErrors(() => makeService(id));
  kept.set(id, made);
  if (kept.size > KEPT) {
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }
  return made;
}

function makeService(id: string): Service {
  const [kind, locales, options] = JSON.parse(id) as [string, string[], Record<string, unknown>];
  if (kind === "DateTimeFormat") options["timeZone"] ??= DEFAULT_TIME_ZONE;
  return new (serviceClass(kind))(localesOrDefault(locales), options);
}

export const localesOrDefault = (locales: string[]): string[] =>
  locales.length === 0 ? [DEFAULT_LOCALE] : locales;

/** RangeError and TypeError reach the script as what they are. */
export function asGuestErrors<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof HostError) throw error;
    if (error instanceof Error) throw new HostError(error.name, error.message);
    throw error;
  }
}
