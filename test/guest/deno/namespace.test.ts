import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createBuilder } from "../../../src/builder/create-builder.ts";
import { runInGuest } from "../../support/guest-lab.ts";

const FILES = { "data/a.txt": "alpha", "data/deep/b.txt": "béta", "empty.txt": "" };

/** The value of an expression (await allowed) in a script that has FILES. */
async function evaluate(expression: string): Promise<unknown> {
  const builder = createBuilder();
  const source = `const attempt = async (work: () => unknown) => { try { return await work() } catch (error: any) { return error.name + ": " + error.message } };
    export default (async () => (${expression}))();`;
  const built = await builder.build({ files: { ...FILES, "main.ts": source }, entry: "main.ts" });
  builder.close();
  if (!built.ok) throw new Error(built.message);
  const { result, error } = await runInGuest(built.code, {
    files: { ...FILES, "main.ts": source },
    env: { NAME: "value" },
  });
  if (error !== null) throw new Error(`${error.name}: ${error.message}\n${error.stack ?? ""}`);
  return result;
}

describe("Deno.env", () => {
  test("shows the app's values, and what the request sets for itself", async () => {
    expect(
      await evaluate(
        `[Deno.env.get("NAME"), Deno.env.get("PATH") ?? null, Deno.env.has("NAME"), Deno.env.toObject(), (Deno.env.set("NEW", "1"), process.env.NEW), (Deno.env.delete("NAME"), Deno.env.has("NAME"))]`,
      ),
    ).toEqual(["value", null, true, { NAME: "value" }, "1", false]);
  });
  test("refuses names that no environment can hold", async () => {
    expect(
      await evaluate(
        `[await attempt(() => Deno.env.get("")), await attempt(() => Deno.env.set("a=b", "c"))]`,
      ),
    ).toEqual([expect.stringContaining("TypeError"), expect.stringContaining("TypeError")]);
  });
});

describe("the script's own files", () => {
  test("are read by path and by file URL", async () => {
    expect(
      await evaluate(
        `[await Deno.readTextFile("data/a.txt"), Deno.readTextFileSync("./data/../data/deep/b.txt"), await Deno.readTextFile(new URL("./data/a.txt", import.meta.url)), (await Deno.readFile("/data/deep/b.txt")).length, (await Deno.readFile("empty.txt")).length]`,
      ),
    ).toEqual(["alpha", "béta", "alpha", 5, 0]);
  });
  test("are listed and described", async () => {
    expect(
      await evaluate(
        `[await Array.fromAsync(Deno.readDir("data")), [...Deno.readDirSync("/")].map((e) => e.name), (await Deno.stat("data")).isDirectory, (await Deno.lstat("data/a.txt")).size, await Deno.realPath("data/./a.txt")]`,
      ),
    ).toEqual([
      [
        { name: "a.txt", isFile: true, isDirectory: false, isSymlink: false },
        { name: "deep", isFile: false, isDirectory: true, isSymlink: false },
      ],
      ["data", "empty.txt", "main.ts"],
      true,
      5,
      "/data/a.txt",
    ]);
  });
  test("cannot be left by .. and hold nothing of the host", async () => {
    expect(
      await evaluate(
        `[await attempt(() => Deno.readTextFile("../../etc/passwd")), await attempt(() => Deno.readTextFile("/etc/passwd")), await attempt(() => Deno.readTextFile("data")), await attempt(() => Deno.readTextFile("__proto__"))]`,
      ),
    ).toEqual([
      "NotFound: No such file or directory (os error 2): readfile '../../etc/passwd'",
      "NotFound: No such file or directory (os error 2): readfile '/etc/passwd'",
      "IsADirectory: Is a directory (os error 21): readfile 'data'",
      "NotFound: No such file or directory (os error 2): readfile '__proto__'",
    ]);
  });
  test("open for reading, with a position and as a stream", async () => {
    expect(
      await evaluate(
        `await (async () => { const file = await Deno.open("data/a.txt"); const two = new Uint8Array(2); await file.read(two); await file.seek(-1, Deno.SeekMode.End); const last = new Uint8Array(5); const n = await file.read(last); const end = await file.read(last); await file.seek(1, Deno.SeekMode.Start); return [new TextDecoder().decode(two), n, end, await new Response(file.readable).text()] })()`,
      ),
    ).toEqual(["al", 1, null, "lpha"]);
  });
  test("do not open for writing", async () => {
    expect(
      await evaluate(`await attempt(() => Deno.open("x", { write: true, create: true }))`),
    ).toContain("NotSupported: Deno.open for writing is not available in PiCloud");
  });
});

describe("every member of Deno", () => {
  test("is there: what a sandbox cannot have says so when it is used", async () => {
    const deno = Bun.spawn(
      [
        join(import.meta.dir, "../../../node_modules/.bin/deno"),
        "eval",
        "--unstable-kv",
        "--unstable-cron",
        "console.log(JSON.stringify([Object.getOwnPropertyNames(Deno), Object.keys(Deno.errors)]))",
      ],
      { env: { ...process.env, NO_COLOR: "1" } },
    );
    const [members, errors] = JSON.parse(await deno.stdout.text()) as [string[], string[]];
    const wanted = members.filter((name) => !["jupyter"].includes(name));
    expect(
      await evaluate(
        `${JSON.stringify(wanted)}.filter((name) => (Deno as any)[name] === undefined || !(name in Deno))`,
      ),
    ).toEqual([]);
    expect(await evaluate("Object.keys(Deno.errors)")).toEqual(errors);
  });
  test("names itself and the alternative", async () => {
    expect(
      await evaluate(
        `[await attempt(() => new Deno.Command("ls")), await attempt(() => Deno.writeTextFile("a", "b")), await attempt(() => Deno.listen({ port: 1 })), await attempt(() => Deno.exit(1)), (await attempt(() => Deno.dlopen("x", {}))).slice(0, 61)]`,
      ),
    ).toEqual([
      "NotSupported: Deno.Command is not available in PiCloud: there are no processes in the sandbox; call another script with fetch",
      "NotSupported: Deno.writeTextFile is not available in PiCloud: a script's files are read-only; keep data in a database, over fetch or Deno.connect; Deno.openKv comes with a later version",
      "NotSupported: Deno.listen is not available in PiCloud: requests reach a script by its routes: use Deno.serve",
      "NotSupported: Deno.exit is not available in PiCloud: end the request by returning a Response",
      "NotSupported: Deno.dlopen is not available in PiCloud: native",
    ]);
  });
  test("can be extended and spread without harm", async () => {
    expect(
      await evaluate(
        `[class A extends Deno.Command {}.name, Object.keys({ ...Deno }).includes("serve"), (Deno as any).noSuchThing === undefined, typeof Deno.serve]`,
      ),
    ).toEqual(["A", true, true, "function"]);
  });
});

test("Deno.errors are errors of their own class", async () => {
  expect(
    await evaluate(
      `[new Deno.errors.NotFound("x") instanceof Error, String(new Deno.errors.NotFound("x")), new Deno.errors.Busy("b", { cause: 1 }).cause, await Deno.stat("nope").catch((e) => e instanceof Deno.errors.NotFound)]`,
    ),
  ).toEqual([true, "NotFound: x", 1, true]);
});

test("Deno.inspect, version, build and permissions answer", async () => {
  expect(
    await evaluate(
      `[Deno.inspect({ a: [1] }), typeof Deno.version.deno, Deno.build.os, (await Deno.permissions.query({ name: "net" })).state, (await Deno.permissions.query({ name: "write" })).state, Deno.cwd(), Deno.args, Deno.memoryUsage().heapTotal > 0]`,
    ),
  ).toEqual(["{ a: [ 1 ] }", "string", "linux", "granted", "denied", "/", [], true]);
});

test("Deno.inspect shows the beginning of a list that is too long to be named whole", async () => {
  const [bytes, list, within, named] = (await evaluate(
    `[new Uint8Array(10_000_000), Array(1_000_000).fill("x"), { a: { b: { c: { d: { e: Array(1_000_000).fill(0) } } } } }, Object.assign([1, 2], { more: 3 })].map((value) => Deno.inspect(value))`,
  )) as [string, string, string, string];
  expect(bytes).toStartWith("Uint8Array(10000000) [");
  expect(bytes).toContain("... 9999900 more items");
  expect(list).toContain("... 999900 more items");
  expect(within).toContain("[Array]");
  expect(named).toBe("[ 1, 2, more: 3 ]");
});

test("tests beside the code are passed over, as Deno does where it runs a program", async () => {
  expect(
    await evaluate(
      `(() => { let runs = 0; const body = () => void runs++;
        Deno.test("a", body); Deno.test.only({ name: "b", fn: body }); Deno.test.ignore("c", body); Deno.test.each([1])("d", body);
        Deno.test.beforeEach(body); Deno.bench("e", body); return [runs, typeof Deno.test("f", body)]; })()`,
    ),
  ).toEqual([0, "undefined"]);
});
