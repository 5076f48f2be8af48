/** Takes credentials and the app's secrets out of what is recorded. */
import type { ExecError, HeaderList, LogLine } from "../../shared/execution.ts";

const REDACTED = "[redacted]";
const REDACTED_HEADERS = new Set([
  "authorization",
  "cookie",
  "set-cookie",
  "proxy-authorization",
  "x-api-key",
]);

/** Shorter values would make records unreadable, and protect nothing. */
const SECRET_LENGTH_MIN = 4;
/** A record's data is JSON-like, but nothing says how deep. */
const DEPTH_MAX = 32;

/** Masks one app's secret values; longer ones first, so that one inside another leaves no rest. */
export class Redactor {
  readonly #secrets: readonly string[];

  constructor(secretValues: readonly string[]) {
    const long = secretValues.filter((value) => value.length >= SECRET_LENGTH_MIN);
    this.#secrets = long.flatMap(spellings).sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    let masked = text;
    for (const secret of this.#secrets) {
      if (masked.includes(secret)) masked = masked.replaceAll(secret, REDACTED);
    }
    return masked;
  }

  headers(headers: HeaderList): HeaderList {
    return headers.map(([name, value]) => [
      name,
      REDACTED_HEADERS.has(name.toLowerCase()) ? REDACTED : this.text(value),
    ]);
  }

  logs(logs: LogLine[]): LogLine[] {
    if (this.#secrets.length === 0) return logs;
    return logs.map((line) => ({
      ...line,
      message: this.text(line.message),
      ...this.#lineData(line),
    }));
  }

  error(error: ExecError | null): ExecError | null {
    if (error === null || this.#secrets.length === 0) return error;
    const { name, message, stack, cause, errors } = error;
    const masked: ExecError = { name: this.text(name), message: this.text(message) };
    if (stack !== undefined) masked.stack = this.text(stack);
    const inner = cause === undefined ? null : this.error(cause);
    if (inner !== null) masked.cause = inner;
    if (errors !== undefined) masked.errors = errors.flatMap((one) => this.error(one) ?? []);
    return masked;
  }

  #lineData(line: LogLine): { data?: unknown } {
    return line.data === undefined ? {} : { data: this.#data(line.data, 0) };
  }

  #data(value: unknown, depth: number): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth >= DEPTH_MAX) return REDACTED;
    if (Array.isArray(value)) return value.map((item) => this.#data(item, depth + 1));
    const entries = Object.entries(value).map(([key, item]) => [
      this.text(key),
      this.#data(item, depth + 1),
    ]);
    return Object.fromEntries(entries);
  }
}

function spellings(secret: string): string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  return encoded === secret ? [secret] : [secret, encoded];
}

const redactors = new WeakMap<readonly string[], Redactor>();

/** The redactor of a script version's secrets; made once per list. */
export function redactorFor(secretValues: readonly string[]): Redactor {
  let redactor = redactors.get(secretValues);
  if (redactor === undefined) redactors.set(secretValues, (redactor = new Redactor(secretValues)));
  return redactor;
}
