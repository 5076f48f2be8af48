/** new Request(input, init): the conversions and steps of the Fetch standard. */
import { usePart } from "../registry.ts";
import { type Body, extractBody, isUnusable, takenOver } from "./body.ts";
import type { EventsPart, Signal, StreamsPart, UrlPart } from "./contracts.ts";
import { indexOfName } from "./header-list.ts";
import { headerListFrom } from "./headers.ts";
import { absoluteHref } from "./location.ts";
import {
  DEFAULT_OPTIONS,
  requestList,
  type RequestOptions,
  RequestState,
} from "./request-state.ts";
import { toByteString, toDictionary, toDOMString, toEnum, toUSVString } from "./webidl.ts";

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  cache: ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"],
  credentials: ["omit", "same-origin", "include"],
  duplex: ["half"],
  mode: ["navigate", "same-origin", "no-cors", "cors"],
  priority: ["high", "low", "auto"],
  redirect: ["follow", "error", "manual"],
  referrerPolicy: [
    "",
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
  ],
};
/** Alphabetical: WebIDL reads a dictionary's members in this order. */
const MEMBERS = [
  "body",
  "cache",
  "credentials",
  "duplex",
  "headers",
  "integrity",
  "keepalive",
  "method",
  "mode",
  "priority",
  "redirect",
  "referrer",
  "referrerPolicy",
  "signal",
  "window",
];

const NOT_TOKEN = /[^!#$%&'*+\-.^_`|~\w]/;
const FORBIDDEN_METHOD = /^(?:connect|trace|track)$/i;
const NORMALIZED_METHOD = /^(?:delete|get|head|options|post|put)$/i;

interface CheckedInit extends Partial<Record<string, unknown>> {
  body?: unknown;
  headers?: string[];
  method?: string;
  signal?: Signal | null;
}

function convertMember(name: string, value: unknown): unknown {
  const allowed = ENUMS[name];
  if (allowed !== undefined) return toEnum(value, allowed, `RequestInit.${name}`);
  switch (name) {
    case "headers":
      return headerListFrom(value);
    case "method":
      return toByteString(value, "RequestInit.method");
    case "integrity":
      return toDOMString(value);
    case "referrer":
      return toUSVString(value);
    case "keepalive":
      return Boolean(value);
    default:
      return value;
  }
}

function convertInit(init: unknown): CheckedInit | null {
  if (init === undefined || init === null) return null;
  const dictionary = toDictionary(init, "RequestInit");
  const checked: CheckedInit = {};
  let any = false;
  for (let i = 0; i < MEMBERS.length; i++) {
    const name = MEMBERS[i] as string;
    const value = dictionary[name];
    if (value === undefined) continue;
    any = true;
    checked[name] = convertMember(name, value);
  }
  return any ? checked : null;
}

export function normalizedMethod(method: string): string {
  if (method === "" || NOT_TOKEN.test(method))
    throw new TypeError(`Method is not valid: '${method}'`);
  if (FORBIDDEN_METHOD.test(method)) throw new TypeError(`Method is forbidden: '${method}'`);
  return NORMALIZED_METHOD.test(method) ? method.toUpperCase() : method;
}

function checkedSignal(value: unknown): Signal | null {
  if (value === null) return null;
  if (usePart<EventsPart>("events").isSignal(value)) return value;
  throw new TypeError("RequestInit.signal is no AbortSignal");
}

function parsedUrl(input: unknown): string {
  const text = toUSVString(input);
  const href = absoluteHref(text);
  if (href === null) throw new TypeError(`Invalid URL: '${text}'`);
  if (usePart<UrlPart>("url").hasCredentials(href))
    throw new TypeError(`URL includes credentials: '${text}'`);
  return href;
}

function mergedOptions(base: Readonly<RequestOptions>, init: CheckedInit): RequestOptions {
  const options: RequestOptions = { ...base };
  const names = Object.keys(DEFAULT_OPTIONS) as (keyof RequestOptions)[];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof RequestOptions;
    if (init[name] !== undefined && name !== "referrer" && name !== "destination")
      options[name] = init[name] as never;
  }
  if (init["referrer"] !== undefined) options.referrer = referrerOf(init["referrer"] as string);
  return options;
}

function referrerOf(referrer: string): string {
  if (referrer === "") return "";
  const href = absoluteHref(referrer);
  if (href === null) throw new TypeError(`Referrer is not a valid URL: '${referrer}'`);
  return href;
}

function checkInit(init: CheckedInit, options: RequestOptions): void {
  if (init["window"] !== undefined && init["window"] !== null)
    throw new TypeError("RequestInit.window can only be null");
  if (init["mode"] === "navigate") throw new TypeError("RequestInit.mode cannot be 'navigate'");
  if (options.cache === "only-if-cached" && options.mode !== "same-origin") {
    throw new TypeError("RequestInit.cache 'only-if-cached' needs the mode 'same-origin'");
  }
}

function takeBody(input: RequestState): Body | null {
  const { body } = input;
  if (body === null) return null;
  if (isUnusable(body))
    throw new TypeError("Cannot construct a Request with a Request whose body was used already");
  const taken = takenOver(body);
  if (body.stream !== null) {
    // The input's stream stays behind, locked and disturbed; what it gives goes on through the new one.
    taken.stream = body.stream.pipeThrough(new (usePart<StreamsPart>("streams").TransformStream)());
  } else {
    body.used = true;
  }
  return taken;
}

/** Steps of the constructor; `source` is the state of `input` where that is a Request. */
export function buildRequest(
  input: unknown,
  source: RequestState | null,
  rawInit: unknown,
): RequestState {
  const text = source === null ? toUSVString(input) : "";
  const init = convertInit(rawInit);
  const url = source === null ? parsedUrl(text) : source.url;
  let options = source === null ? DEFAULT_OPTIONS : source.options;
  let method = source === null ? "GET" : source.method;
  let list = source === null ? [] : requestList(source).slice();
  if (init !== null) {
    const merged = mergedOptions(options, init);
    checkInit(init, merged);
    options = merged;
    if (init.method !== undefined) method = normalizedMethod(init.method);
    if (init.headers !== undefined) list = init.headers;
  }
  let given: Signal | null = null;
  if (init !== null && init.signal !== undefined) given = checkedSignal(init.signal);
  else if (source !== null) given = (input as { signal: Signal }).signal;
  const signal = given === null ? null : usePart<EventsPart>("events").dependentSignal([given]);
  const body = requestBody(init, source, method, list);
  const state = new RequestState(method, url, "", body);
  state.list = list;
  state.signal = signal;
  state.options = options;
  if (source?.blob !== undefined) state.blob = source.blob;
  else if (url.startsWith("blob:")) state.blob = usePart<UrlPart>("url").resolveObjectURL(url);
  return state;
}

function requestBody(
  init: CheckedInit | null,
  source: RequestState | null,
  method: string,
  list: string[],
): Body | null {
  const given = init?.body ?? null;
  const has = given !== null || (source !== null && source.body !== null);
  if (has && (method === "GET" || method === "HEAD")) {
    throw new TypeError("Request with GET/HEAD method cannot have body");
  }
  if (given === null) return source === null ? null : takeBody(source);
  const [body, type] = extractBody(given);
  if (type !== null && indexOfName(list, "content-type") < 0) list.push("content-type", type);
  return body;
}
