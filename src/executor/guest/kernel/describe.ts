/** An error as plain data, whatever was thrown. Must survive hostile getters and proxies. */
interface Described {
  name: string;
  message: string;
  stack?: string;
  cause?: Described;
  /** Of an AggregateError. */
  errors?: Described[];
}

const TEXT_MAX = 16_384;
const CAUSES_MAX = 4;
const ERRORS_MAX = 8;

const { String: toText, JSON: json } = globalThis;

function read(source: object, key: string): unknown {
  try {
    return (source as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function readText(source: object, key: string, fallback: string): string {
  const value = read(source, key);
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : fallback;
}

/** The frames alone: name and message are told beside them. */
function framesOf(stack: string, { name, message }: Described): string {
  const frames = stack.indexOf("\n    at ");
  if (frames >= 0) return stack.slice(frames + 1);
  return stack === name || stack === `${name}: ${message}` ? "" : stack;
}

function describeOther(thrown: unknown): Described {
  let message = "";
  try {
    message = typeof thrown === "object" ? (json.stringify(thrown) ?? "") : toText(thrown);
  } catch {
    message = "[unprintable]";
  }
  return { name: "Error", message: `Uncaught ${message}`.slice(0, TEXT_MAX) };
}

export function describe(thrown: unknown, depth = 0): Described {
  if (thrown === null || typeof thrown !== "object") return describeOther(thrown);
  const message = read(thrown, "message");
  const stack = read(thrown, "stack");
  if (typeof message !== "string" && typeof stack !== "string") return describeOther(thrown);
  const described: Described = {
    name: readText(thrown, "name", "Error"),
    message: readText(thrown, "message", ""),
  };
  const frames = typeof stack === "string" ? framesOf(stack, described) : "";
  if (frames !== "") described.stack = frames.slice(0, TEXT_MAX);
  const cause = read(thrown, "cause");
  if (cause !== undefined && depth < CAUSES_MAX) described.cause = describe(cause, depth + 1);
  if (described.name === "AggregateError" && depth === 0)
    described.errors = describeAll(read(thrown, "errors"));
  return described;
}

function describeAll(errors: unknown): Described[] {
  const all: Described[] = [];
  if (typeof errors !== "object" || errors === null) return all;
  const length = read(errors, "length");
  const count = typeof length === "number" && length < ERRORS_MAX ? length : ERRORS_MAX;
  for (let i = 0; i < count; i++) all[i] = describe(read(errors, `${i}`), 1);
  return all;
}
