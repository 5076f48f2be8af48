/** Errors: their stack, and what they have beside it. */
import type { Inspection } from "./context.ts";
import { prefixOf } from "./names.ts";
import { type Key, shownKeys } from "./properties.ts";
import type { Shape } from "./shape.ts";

const FRAME = /^ {4}at /m;
/** Frames that an error shares with its cause are told once, from this many on. */
const SHARED_MIN = 4;

const read = (error: object, name: string): unknown => {
  try {
    return (error as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
};
const textOf = (value: unknown, fallback: string): string =>
  value === undefined || value === null ? fallback : `${value as string}`;

function stackOf(error: object, name: string): string {
  const message = textOf(read(error, "message"), "");
  const title = name === "" || message === "" ? name + message : `${name}: ${message}`;
  const own = read(error, "stack");
  if (typeof own !== "string" || own === "") return title;
  const stack = own.trimEnd();
  if (stack.startsWith(title)) return stack;
  // A name or message given after the stack was taken is not in its first line.
  const frames = stack.search(FRAME);
  return frames < 0 ? stack : `${title}\n${stack.slice(frames)}`;
}

/** The class, where the name does not tell it. */
function withClass(stack: string, name: string, constructor: string | null, tag: string): string {
  const isRegular =
    name.endsWith("Error") &&
    stack.startsWith(name) &&
    /^(?:$|[:\n])/.test(stack.slice(name.length));
  if ((constructor !== null && !isRegular) || tag === "DOMException") return stack;
  const prefix = prefixOf(constructor, tag, "Error").slice(0, -1);
  if (name === prefix) return stack;
  const rest = stack.startsWith(name) ? stack.slice(name.length) : stack;
  return prefix.includes(name) ? `${prefix}${rest}` : `${prefix} [${name}]${rest}`;
}

function withoutShared(state: Inspection, frames: string[], cause: unknown): string[] {
  if (!Error.isError(cause) || typeof cause.stack !== "string") return frames;
  const others = cause.stack.trimEnd().split("\n");
  let shared = 0;
  while (shared < frames.length && frames.at(-1 - shared) === others.at(-1 - shared)) shared++;
  if (shared < SHARED_MIN) return frames;
  const note = `    ... ${shared - 2} lines matching cause stack trace ...`;
  const first = frames.length - shared;
  const kept = [...frames.slice(0, first + 1), state.style(note, "undefined")];
  return [...kept, ...frames.slice(-1)];
}

function errorText(state: Inspection, error: object, stack: string): string {
  const start = stack.search(FRAME);
  if (start < 0) return `[${stack}]`;
  const frames = withoutShared(state, stack.slice(start).split("\n"), read(error, "cause"));
  return stack.slice(0, start) + frames.join("\n");
}

function keysOf(state: Inspection, error: object, stack: string): Key[] {
  const { showHidden } = state.options;
  const keys = shownKeys(state, error).filter((key) => {
    if (showHidden || (key !== "name" && key !== "message" && key !== "stack")) return true;
    const value = read(error, key);
    return typeof value === "string" && !stack.includes(value);
  });
  if (Object.hasOwn(error, "cause") && !keys.includes("cause")) keys.push("cause");
  if (Array.isArray(read(error, "errors")) && !keys.includes("errors")) keys.push("errors");
  return keys;
}

export function errorShape(
  state: Inspection,
  error: object,
  constructor: string | null,
  tag: string,
): Shape {
  const name = textOf(read(error, "name"), "Error");
  const stack = stackOf(error, name);
  const keys = keysOf(state, error, stack);
  const text = errorText(state, error, withClass(stack, name, constructor, tag));
  const base = state.indent === 0 ? text : text.replaceAll("\n", `\n${" ".repeat(state.indent)}`);
  return { whole: base, base, prefix: "", keys };
}
