import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createLogger } from "../../src/shared/logger.ts";
import type { LogLevel } from "../../src/shared/logger.ts";

const clock = { now: () => Date.parse("2026-01-02T03:04:05.678Z") };

function recorder(level: LogLevel = "debug", format: "json" | "human" = "json") {
  const lines: string[] = [];
  const logger = createLogger({ level, format, clock, write: (line) => void lines.push(line) });
  return {
    lines,
    logger,
    last: () => JSON.parse(lines.at(-1) ?? "null") as Record<string, unknown>,
  };
}

describe("as JSON", () => {
  test("writes one object a line with time, level, message and fields", () => {
    const { lines, logger } = recorder();
    logger.info("Listening", { port: 8080 });
    expect(lines).toEqual([
      '{"at":"2026-01-02T03:04:05.678Z","level":"info","message":"Listening","port":8080}\n',
    ]);
  });

  test("adds a child's fields, the call's own winning", () => {
    const { logger, last } = recorder();
    logger
      .child({ part: "a", request_id: "r" })
      .child({ part: "b" })
      .warn("x", { request_id: "s" });
    expect(last()).toMatchObject({ part: "b", request_id: "s", level: "warn" });
  });

  test("lets no field stand in for the level, the time or the message", () => {
    const { logger, last } = recorder();
    logger.error("real", { level: "info", at: "never", message: "forged" });
    expect(last()).toMatchObject({
      level: "error",
      message: "real",
      at: "2026-01-02T03:04:05.678Z",
    });
  });

  test("writes an error with its code, stack and cause", () => {
    const { logger, last } = recorder();
    const cause = Object.assign(new Error("inner"), { code: "ECONNREFUSED" });
    logger.error("Failed", { error: new TypeError("outer", { cause }) });
    expect(last()["error"]).toMatchObject({
      name: "TypeError",
      message: "outer",
      cause: { message: "inner", code: "ECONNREFUSED" },
    });
  });

  test("says nothing below its level", () => {
    const { lines, logger } = recorder("warn");
    logger.debug("a");
    logger.info("b");
    logger.warn("c");
    expect(lines).toHaveLength(1);
  });
});

test("never throws and writes parsable lines without breaks, whatever the fields are", () => {
  const { lines, logger } = recorder();
  const cycle: Record<string, unknown> = { text: "line\nbreak" };
  cycle["self"] = cycle;
  const hostile = {
    get trap(): never {
      throw new Error("trapped");
    },
  };
  logger.info("cycle", { cycle });
  logger.info("hostile", hostile);
  logger.info("nested", { hostile, big: 10n, fn: () => 1, symbol: Symbol("s"), nan: Number.NaN });
  fc.assert(fc.property(fc.object(), fc.string(), (fields, text) => logger.info(text, fields)));
  for (const line of lines) {
    expect(line.indexOf("\n")).toBe(line.length - 1);
    JSON.parse(line);
  }
  expect(lines.length).toBeGreaterThan(100);
});

test("goes on when its output is gone", () => {
  const logger = createLogger({
    level: "info",
    format: "json",
    write: () => {
      throw new Error("EPIPE");
    },
  });
  expect(() => logger.info("x")).not.toThrow();
});

test("for people: time, level, message, fields, and the stack below", () => {
  const { lines, logger } = recorder("debug", "human");
  logger.info("Ready", { port: 1, path: "a b", error: new Error("boom") });
  const plain = Bun.stripANSI(lines.join(""));
  expect(plain).toStartWith('03:04:05.678 info  Ready port=1 path="a b"\nError: boom');
});
