/** How a log entry looks: as JSON, and for people. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogEntry {
  at: Date;
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields: LogFields;
}

const MAX_VALUE = 8_192;

/** `{"at","level","message", ...fields}`; fields never replace those three. */
export function renderJson(entry: LogEntry): string {
  const { at, level, message } = entry;
  const head = { at: at.toISOString(), level, message };
  return JSON.stringify({ ...head, ...plainFields(entry.fields), ...head });
}

const COLORS = { debug: 90, info: 36, warn: 33, error: 31 } as const;

/** `12:34:56.789 info  message key=value`, an error's stack on lines of its own. */
export function renderHuman(entry: LogEntry): string {
  const time = entry.at.toISOString().slice(11, 23);
  const level = `\x1b[${COLORS[entry.level]}m${entry.level.padEnd(5)}\x1b[0m`;
  const parts = [`\x1b[90m${time}\x1b[0m`, level, entry.message];
  let stack = "";
  for (const [key, value] of Object.entries(plainFields(entry.fields))) {
    if (isPlainError(value)) stack += `\n${value.stack}`;
    else parts.push(`\x1b[90m${key}=\x1b[0m${shortText(value)}`);
  }
  return parts.join(" ") + stack;
}

function shortText(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? "undefined";
}

interface PlainError {
  name: string;
  message: string;
  stack: string;
}

const isPlainError = (value: unknown): value is PlainError =>
  typeof value === "object" &&
  value !== null &&
  "stack" in value &&
  typeof value.stack === "string";

function plainFields(fields: LogFields): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    try {
      plain[key] = plainValue(fields[key]);
    } catch {
      plain[key] = "[unreadable]";
    }
  }
  return plain;
}

/** JSON cannot hold errors, bigints, cycles or functions: each becomes something that can be read. */
function plainValue(value: unknown): unknown {
  if (value instanceof Error) return plainError(value, 0);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return String(value).slice(0, 100);
  if (typeof value === "string") return clip(value);
  if (typeof value !== "object" || value === null) return value;
  const seen = new Set<unknown>();
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint") return String(inner);
    if (inner instanceof Error) return plainError(inner, 0);
    if (typeof inner !== "object" || inner === null) return inner;
    if (seen.has(inner)) return "[seen before]";
    seen.add(inner);
    return inner;
  });
  if (text === undefined) return undefined;
  return text.length > MAX_VALUE ? clip(text) : JSON.parse(text);
}

const clip = (text: string): string =>
  text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}... (${text.length} characters)` : text;

function plainError(error: Error, depth: number): PlainError & { code?: unknown; cause?: unknown } {
  const code = "code" in error ? { code: error.code } : {};
  const cause =
    error.cause instanceof Error && depth < 5 ? { cause: plainError(error.cause, depth + 1) } : {};
  const stack = clip(error.stack ?? `${error.name}: ${error.message}`);
  return { name: error.name, message: clip(error.message), stack, ...code, ...cause };
}
