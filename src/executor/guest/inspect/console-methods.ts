/** The methods of console beyond the five levels. */
import { usePart } from "../registry.ts";
import type { Core } from "../core/part.ts";
import { formatAll } from "./format.ts";
import { inspect } from "./inspect.ts";
import { writeTable } from "./table.ts";

const { indentBy, writeLog } = usePart<Core>("core");

const GROUP_INDENT = 2;
const counts = new Map<string, number>();
const timers = new Map<string, number>();

const labelOf = (label: unknown): string =>
  label === undefined ? "default" : `${label as string}`;

function elapsed(label: string): string | null {
  const start = timers.get(label);
  if (start === undefined) {
    writeLog("warn", [`Timer '${label}' does not exist`]);
    return null;
  }
  return `${label}: ${performanceNow() - start}ms`;
}

const performanceNow = (): number =>
  (globalThis as unknown as { performance: { now(): number } }).performance.now();

export const methods: Record<string, (...args: unknown[]) => void> = {
  assert(condition, ...args) {
    if (condition) return;
    const [first, ...rest] = args;
    if (args.length === 0) writeLog("error", ["Assertion failed"]);
    else if (typeof first === "string") writeLog("error", [`Assertion failed: ${first}`, ...rest]);
    else writeLog("error", ["Assertion failed:", ...args]);
  },
  clear() {},
  count(label) {
    const name = labelOf(label);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    writeLog("info", [`${name}: ${count}`]);
  },
  countReset(label) {
    const name = labelOf(label);
    if (!counts.delete(name)) writeLog("warn", [`Count for '${name}' does not exist`]);
  },
  dir(value, options) {
    writeLog("info", [typeof value === "string" ? value : inspect(value, options ?? {})]);
  },
  dirxml(...args) {
    writeLog("info", args);
  },
  group(...args) {
    if (args.length > 0) writeLog("info", args);
    indentBy(GROUP_INDENT);
  },
  groupCollapsed(...args) {
    if (args.length > 0) writeLog("info", args);
    indentBy(GROUP_INDENT);
  },
  groupEnd() {
    indentBy(-GROUP_INDENT);
  },
  profile() {},
  profileEnd() {},
  timeStamp() {},
  table(data, columns) {
    const text = writeTable(data, columns as readonly string[] | undefined);
    writeLog("info", [text ?? data]);
  },
  time(label) {
    const name = labelOf(label);
    if (timers.has(name)) writeLog("warn", [`Timer '${name}' already exists`]);
    else timers.set(name, performanceNow());
  },
  timeEnd(label) {
    const name = labelOf(label);
    const text = elapsed(name);
    timers.delete(name);
    if (text !== null) writeLog("info", [text]);
  },
  timeLog(label, ...args) {
    const text = elapsed(labelOf(label));
    if (text !== null) writeLog("info", [text, ...args]);
  },
  trace(...args) {
    const stack = (new Error().stack ?? "").replace(/^Error\n/, "");
    writeLog("error", [
      `Trace${args.length === 0 ? "" : `: ${formatAll(args)}`}\n${stack.trimEnd()}`,
    ]);
  },
};
