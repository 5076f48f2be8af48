import { expect, test } from "bun:test";
import { builtinModules } from "node:module";
import { runInGuest } from "../../support/guest-lab.ts";

/** Modules whose members this platform does not promise by name, or that Bun has and Node has not. */
const OTHERS =
  /^(_|bun|ws$|undici|internal|sys$|constants$|process$|module$|events$|assert|stream$|trace_events$)/;

/** What Bun alone has. */
const OF_BUN = /^(record|recordEnd|screenshot|takeHeapSnapshot|write|randomUUIDv7)$/;

const inGuest = async (code: string): Promise<unknown> => {
  const { result, error } = await runInGuest(code, { timeoutMs: 30_000 });
  expect(error).toBeNull();
  return result;
};

test("every function that this host's Node modules have is there, or says what to use when it is called", async () => {
  const wanted: Record<string, string[]> = {};
  for (const name of builtinModules) {
    const bare = name.replace(/^node:/, "");
    if (OTHERS.test(bare)) continue;
    const members = (await import(`node:${bare}`)) as Record<string, unknown>;
    wanted[bare] = Object.keys(members).filter(
      (key) =>
        typeof members[key] === "function" &&
        key !== "default" &&
        !key.startsWith("_") &&
        !OF_BUN.test(key),
    );
  }
  const silent = await inGuest(`
    const wanted = ${JSON.stringify(wanted)};
    const get = globalThis[Symbol.for("picloud.module")];
    export default Object.entries(wanted).flatMap(([name, members]) =>
      members.filter((member) => typeof get("node:" + name)[member] !== "function").map((member) => name + " " + member));`);
  expect(silent).toEqual([]);
});

test("a missing member throws when it is called or constructed, and not before", async () => {
  const messages = await inGuest(`
    const { fstatSync, ReadStream } = globalThis[Symbol.for("picloud.module")]("node:fs");
    class Own extends ReadStream {}
    const message = (run) => { try { run() } catch (error) { return [error.code, error.message.split(":").slice(0, 2).join(":")] } };
    export default [message(() => fstatSync(1)), message(() => new Own())];`);
  expect(messages).toEqual([
    ["ERR_METHOD_NOT_IMPLEMENTED", "node:fs fstatSync is not available in PiCloud"],
    ["ERR_METHOD_NOT_IMPLEMENTED", "node:fs ReadStream is not available in PiCloud"],
  ]);
});

test("what Node has not either stays undefined, and constants keep their old spellings", async () => {
  const values = await inGuest(`
    const get = globalThis[Symbol.for("picloud.module")];
    const fs = get("node:fs");
    export default [typeof fs.nothing, "nothing" in fs, "fstatSync" in fs, fs.hasOwnProperty("readFileSync"), get("node:dns").NODATA, get("node:zlib").Z_BEST_SPEED];`);
  expect(values).toEqual(["undefined", false, false, true, "ENODATA", 1]);
});
