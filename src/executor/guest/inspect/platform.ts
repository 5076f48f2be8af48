/** Platform objects, whose state is behind accessors. */
import type { Core } from "../core/part.ts";
import { usePart } from "../registry.ts";
import type { Inspection } from "./context.ts";
import { writeKey } from "./primitives.ts";
import type { Shape, Write } from "./shape.ts";

/** Members worth showing of platform objects, whose state is behind accessors. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Request: ["bodyUsed", "headers", "method", "redirect", "url"],
  Response: ["body", "bodyUsed", "headers", "ok", "redirected", "status", "statusText", "url"],
  URL: [
    "href",
    "origin",
    "protocol",
    "username",
    "password",
    "host",
    "hostname",
    "port",
    "pathname",
    "hash",
    "search",
  ],
  Blob: ["size", "type"],
  File: ["name", "size", "type"],
  AbortController: ["signal"],
  AbortSignal: ["aborted", "reason", "onabort"],
  TextEncoder: ["encoding"],
  TextDecoder: ["encoding", "fatal", "ignoreBOM"],
  URLPattern: [
    "protocol",
    "username",
    "password",
    "hostname",
    "port",
    "pathname",
    "search",
    "hash",
    "hasRegExpGroups",
  ],
  ReadableStream: ["locked"],
  WritableStream: ["locked"],
  Event: [
    "bubbles",
    "cancelable",
    "composed",
    "currentTarget",
    "defaultPrevented",
    "eventPhase",
    "target",
    "type",
  ],
};

export function platformShape(
  state: Inspection,
  value: object,
  name: string,
  write: Write,
): Partial<Shape> | null {
  let tag: unknown;
  try {
    tag = (value as Record<symbol, unknown>)[Symbol.toStringTag];
  } catch {
    return null;
  }
  if (tag === "Headers" || tag === "URLSearchParams" || tag === "FormData") {
    const arrow = tag === "URLSearchParams";
    return {
      prefix: name,
      entries: pairEntries(state, value as Iterable<[string, unknown]>, write, arrow),
    };
  }
  const members = typeof tag === "string" && Object.hasOwn(MEMBERS, tag) ? MEMBERS[tag] : undefined;
  if (members === undefined) return null;
  const entries: string[] = [];
  state.indent += 2;
  for (const member of members) {
    try {
      if (member === "body")
        entries.push(`body: ${hasBody(value) ? "ReadableStream { locked: false }" : "null"}`);
      else entries.push(`${member}: ${write(state, (value as Record<string, unknown>)[member])}`);
    } catch {
      state.indent -= 2;
      return null;
    }
  }
  state.indent -= 2;
  return { prefix: name, entries };
}

/** Asks the inner state: the getter would make a stream of the body. */
function hasBody(value: object): boolean {
  const { isResponse, responseState } = usePart<Core>("core").response;
  return isResponse(value) && responseState(value).body !== null;
}

function pairEntries(
  state: Inspection,
  value: Iterable<[string, unknown]>,
  write: Write,
  arrow: boolean,
): string[] {
  const entries: string[] = [];
  try {
    for (const [key, item] of value) {
      if (arrow) entries.push(`${JSON.stringify(key)} => ${write(state, item)}`);
      else entries.push(`${writeKey(key)}: ${write(state, item)}`);
    }
  } catch {
    return [];
  }
  return entries;
}
