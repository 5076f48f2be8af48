/**
 * Structured logs: one JSON object a line, or one readable line on a terminal. A logger never throws
 * and never waits, whatever it is given.
 */
import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";
import { renderHuman, renderJson } from "./logger-format.ts";
import type { LogEntry, LogFields } from "./logger-format.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  level: LogLevel;
  format: "json" | "human";
  clock?: Clock;
  /** Takes one line with its newline. Standard error by default. */
  write?: (line: string) => void;
}

export function createLogger(options: LoggerOptions): Logger {
  const clock = options.clock ?? systemClock;
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const render = options.format === "json" ? renderJson : renderHuman;
  const threshold = LOG_LEVELS.indexOf(options.level);

  const make = (bound: LogFields): Logger => {
    const log = (level: LogEntry["level"], message: string, fields?: LogFields): void => {
      if (LOG_LEVELS.indexOf(level) < threshold) return;
      try {
        const at = new Date(clock.now());
        write(`${render({ at, level, message, fields: { ...bound, ...fields } })}\n`);
      } catch {
        // A closed pipe or a hostile getter must not stop the work that is being logged.
      }
    };
    return {
      debug: (message, fields) => log("debug", message, fields),
      info: (message, fields) => log("info", message, fields),
      warn: (message, fields) => log("warn", message, fields),
      error: (message, fields) => log("error", message, fields),
      child: (fields) => make({ ...bound, ...fields }),
    };
  };
  return make({});
}

/** For tests and for callers that have nothing to say. */
export const silentLogger: Logger = createLogger({ level: "silent", format: "json" });
