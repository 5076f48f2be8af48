/** console: a thin front. Formatting is in part `inspect`, loaded when a message needs any. */
import { bindHost, kernel } from "../bridge.ts";
import { usePart } from "../registry.ts";

/** Of part `inspect`. */
export interface InspectPart {
  /** Message text of console arguments and, as JSON, what follows the message (null for nothing). */
  describeArguments(args: readonly unknown[]): [message: string, dataJson: string | null];
  /** The methods beyond the five levels. */
  methods: Record<string, (...args: unknown[]) => void>;
  inspect(value: unknown, options?: object): string;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

const send = bindHost("log");
const inspect = (): InspectPart => usePart<InspectPart>("inspect");

let indent = "";

export function writeLog(level: LogLevel, args: readonly unknown[]): void {
  const first = args[0];
  if (args.length === 1 && typeof first === "string") {
    send(kernel.currentRequest, level, indent === "" ? first : indented(first), null);
    return;
  }
  const [message, data] = inspect().describeArguments(args);
  send(kernel.currentRequest, level, indent === "" ? message : indented(message), data);
}

const indented = (text: string): string => indent + text.replaceAll("\n", `\n${indent}`);

export function indentBy(change: number): void {
  indent = " ".repeat(Math.max(0, indent.length + change));
}

const LEVELS: readonly (readonly [string, LogLevel])[] = [
  ["log", "info"],
  ["info", "info"],
  ["debug", "debug"],
  ["warn", "warn"],
  ["error", "error"],
];
const OTHERS = [
  "assert",
  "clear",
  "count",
  "countReset",
  "dir",
  "dirxml",
  "group",
  "groupCollapsed",
  "groupEnd",
  "profile",
  "profileEnd",
  "table",
  "time",
  "timeEnd",
  "timeLog",
  "timeStamp",
  "trace",
];

export function makeConsole(): object {
  const console = Object.create({}) as Record<string, unknown>;
  for (const [name, level] of LEVELS) {
    console[name] = { [name]: (...args: unknown[]) => writeLog(level, args) }[name];
  }
  for (const name of OTHERS) {
    console[name] = { [name]: (...args: unknown[]) => inspect().methods[name]?.(...args) }[name];
  }
  Object.defineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });
  return console;
}

/** `log` of the module "picloud": message first, then data that is kept as JSON. */
export const scriptLog = {
  trace: (...args: unknown[]) => writeLog("trace", args),
  debug: (...args: unknown[]) => writeLog("debug", args),
  info: (...args: unknown[]) => writeLog("info", args),
  warn: (...args: unknown[]) => writeLog("warn", args),
  error: (...args: unknown[]) => writeLog("error", args),
};
