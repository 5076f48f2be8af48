import { expect, test } from "bun:test";
import { nextSignal, Shutdown } from "../../src/server/shutdown.ts";
import { silentLogger } from "../../src/shared/logger.ts";

test("closes in reverse order, each after the one before has ended", async () => {
  const shutdown = new Shutdown(silentLogger);
  const seen: string[] = [];
  for (const name of ["database", "records", "listener"])
    shutdown.add(name, 1_000, async () => {
      seen.push(`${name} closing`);
      await Promise.resolve();
      seen.push(`${name} closed`);
    });
  expect(await shutdown.run("test")).toBe(true);
  expect(seen).toEqual([
    "listener closing",
    "listener closed",
    "records closing",
    "records closed",
    "database closing",
    "database closed",
  ]);
});

test("goes on after a step that throws, rejects or hangs, and tells of it", async () => {
  const shutdown = new Shutdown(silentLogger);
  const seen: string[] = [];
  shutdown.add("last", 1_000, () => void seen.push("last"));
  shutdown.add("hangs", 5, () => new Promise(() => undefined));
  shutdown.add("rejects", 1_000, () => Promise.reject(new Error("no")));
  shutdown.add("throws", 1_000, () => {
    throw new Error("no");
  });
  expect(await shutdown.run("test")).toBe(false);
  expect(seen).toEqual(["last"]);
});

test("runs once, however often it is asked", async () => {
  const shutdown = new Shutdown(silentLogger);
  let times = 0;
  shutdown.add("counted", 1_000, () => void (times += 1));
  await Promise.all([shutdown.run("SIGTERM"), shutdown.run("SIGINT")]);
  expect(times).toBe(1);
});

test("nextSignal() takes the same Ctrl-C arriving twice for one", async () => {
  const listeners = new Map<string, () => void>();
  let forced = 0;
  const signal = nextSignal(() => (forced += 1), {
    on: (name, listener) => listeners.set(name, listener),
  });
  listeners.get("SIGINT")?.();
  listeners.get("SIGINT")?.();
  listeners.get("SIGTERM")?.();
  expect(await signal).toBe("SIGINT");
  expect(forced).toBe(0);
});
