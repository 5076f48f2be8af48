/** Platform objects, whose state is behind accessors. */
import type { Core } from "../core/part.ts";
import { usePart } from "../registry.ts";
import type { Streams } from "../streams/part.ts";
import type { Inspection } from "./context.ts";
import { writeKey } from "./primitives.ts";
import type { Shape } from "./shape.ts";

const words = (text: string): string[] => text.split(" ");
const EVENT = words(
  "bubbles cancelable composed currentTarget defaultPrevented eventPhase srcElement target returnValue timeStamp type",
);
const PIPE = words("readable writable");
const ENTRY = words("name entryType startTime duration");

/** Members worth showing, by interface. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Request: words("bodyUsed headers method redirect url"),
  Response: words("body bodyUsed headers ok redirected status statusText url"),
  URL: words("href origin protocol username password host hostname port pathname hash search"),
  URLPattern: words(
    "protocol username password hostname port pathname search hash hasRegExpGroups",
  ),
  Blob: words("size type"),
  File: words("name size type"),
  AbortController: ["signal"],
  AbortSignal: words("aborted reason onabort"),
  TextEncoder: ["encoding"],
  TextDecoder: words("encoding fatal ignoreBOM"),
  TextEncoderStream: ["encoding", ...PIPE],
  TextDecoderStream: [...words("encoding fatal ignoreBOM"), ...PIPE],
  CompressionStream: PIPE,
  DecompressionStream: PIPE,
  TransformStream: PIPE,
  ReadableStream: words("locked state supportsBYOB"),
  WritableStream: ["locked"],
  ReadableStreamDefaultReader: ["closed"],
  ReadableStreamBYOBReader: ["closed"],
  WritableStreamDefaultWriter: words("closed desiredSize ready"),
  CountQueuingStrategy: words("highWaterMark size"),
  ByteLengthQueuingStrategy: words("highWaterMark size"),
  CryptoKey: words("type extractable algorithm usages"),
  MessageChannel: words("port1 port2"),
  Crypto: ["subtle"],
  PerformanceEntry: ENTRY,
  PerformanceMark: [...ENTRY, "detail"],
  PerformanceMeasure: [...ENTRY, "detail"],
  Event: EVENT,
  ErrorEvent: [...EVENT, ...words("message filename lineno colno error")],
  CloseEvent: [...EVENT, ...words("wasClean code reason")],
  MessageEvent: [...EVENT, ...words("data origin lastEventId")],
  CustomEvent: [...EVENT, "detail"],
  ProgressEvent: [...EVENT, ...words("lengthComputable loaded total")],
  PromiseRejectionEvent: [...EVENT, ...words("promise reason")],
  "Intl.Locale": words(
    "baseName calendar caseFirst collation hourCycle language numberingSystem numeric region script",
  ),
};

/** The interface's prototype object, which has no state to show. */
export function isPrototype(value: object): boolean {
  const constructor: unknown = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
  return typeof constructor === "function" && constructor.prototype === value;
}

function accessorText(state: Inspection, prototype: object, member: string): string {
  const { set } = Object.getOwnPropertyDescriptor(prototype, member) ?? {};
  return `${member}: ${state.style(set === undefined ? "[Getter]" : "[Getter/Setter]", "special")}`;
}

/** Deno shows two slots of a readable stream. */
const SLOTS: Readonly<Record<string, (stream: object) => unknown>> = {
  state: (stream) => usePart<Streams>("streams").describeReadable(stream).state,
  supportsBYOB: (stream) => usePart<Streams>("streams").describeReadable(stream).supportsBYOB,
};

const { ReadableStream } = {
  ReadableStream: class {
    locked = false;
    state = "readable";
    supportsBYOB = false;
  },
};
const UNREAD_BODY = new ReadableStream();

/** The getter would make a stream of the body. */
function bodyOf(response: object): unknown {
  const { isResponse, responseState } = usePart<Core>("core").response;
  const body = isResponse(response) ? responseState(response).body : null;
  return body === null ? null : (body.stream ?? UNREAD_BODY);
}

function memberOf(value: object, tag: string, member: string): unknown {
  if (tag === "Response" && member === "body") return bodyOf(value);
  if (tag === "ReadableStream" && member !== "locked") return SLOTS[member]?.(value);
  return (value as Record<string, unknown>)[member];
}

function memberText(
  state: Inspection,
  value: object,
  tag: string,
  member: string,
): (depth: number) => string {
  const held = memberOf(value, tag, member);
  return (depth) => `${member}: ${state.indented(() => state.write(held, depth))}`;
}

function membersShape(state: Inspection, value: object, tag: string, prefix: string): Shape | null {
  const members = Object.hasOwn(MEMBERS, tag) ? MEMBERS[tag] : undefined;
  if (members === undefined) return null;
  if (isPrototype(value)) {
    const entries = members
      .filter((member) => Object.hasOwn(value, member))
      .map((member) => accessorText(state, value, member));
    return { prefix: `${tag} `, entries: () => entries, keys: [] };
  }
  try {
    const texts = members.map((member) => memberText(state, value, tag, member));
    return { prefix, entries: (depth) => texts.map((text) => text(depth)), keys: [] };
  } catch {
    // It only calls itself so.
    return null;
  }
}

type Pairs = Iterable<[string, unknown]>;

/** As an object, with its name before it. */
function recordShape(state: Inspection, value: Pairs, prefix: string): Shape {
  const record: Record<string, unknown> = {};
  for (const [name, item] of value)
    record[name] = Object.hasOwn(record, name)
      ? `${record[name] as string}, ${item as string}`
      : item;
  return { whole: prefix + state.write(record, 0), prefix, keys: [] };
}

function pairsShape(state: Inspection, value: Pairs, prefix: string, arrow: boolean): Shape {
  const pairs = [...value];
  const separator = arrow ? " => " : ": ";
  const entries = (depth: number): string[] =>
    state.indented(() =>
      pairs.map(([name, item]) => {
        const key = arrow ? state.write(name, depth) : writeKey(state, name, false);
        return key + separator + state.write(item, depth);
      }),
    );
  return { ...(pairs.length === 0 ? { whole: `${prefix}{}` } : {}), prefix, entries, keys: [] };
}

/** `name`: of the constructor. Null for what is no platform object. */
export function platformShape(
  state: Inspection,
  value: object,
  name: string,
  tag: string,
): Shape | null {
  const prefix = `${name} `;
  if (tag === "Intl.Locale") return membersShape(state, value, tag, `${name} [${tag}] `);
  if (tag !== "Headers" && tag !== "URLSearchParams" && tag !== "FormData")
    return membersShape(state, value, tag, prefix);
  try {
    const pairs = value as Pairs;
    if (tag === "Headers") return recordShape(state, pairs, prefix);
    return pairsShape(state, pairs, prefix, tag === "URLSearchParams");
  } catch {
    return null;
  }
}
