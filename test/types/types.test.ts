import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pic, temporaryFolder } from "../cli/support.ts";
import { runInGuest } from "../support/guest-lab.ts";
import { TEMPLATES } from "../../src/cli/templates/index.ts";

const TSC = join(import.meta.dir, "../../node_modules/.bin/tsc");

/** A project with the types that `pic types` writes; gives what the compiler says of a script. */
async function complaints(source: string, extension = "ts"): Promise<string[]> {
  const folder = temporaryFolder();
  expect((await pic(["types", folder])).stdout).toBe("picloud.d.ts\ntsconfig.json\n");
  await writeFile(join(folder, `main.${extension}`), source);
  const child = Bun.spawn([TSC, "-p", folder], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  return text.split("\n").filter((line) => line.includes("error TS"));
}

/** Names that the declarations give `Deno`, with the kind of each. */
async function declaredMembers(): Promise<Map<string, string>> {
  const text = await Bun.file(join(import.meta.dir, "../../src/types/picloud.d.ts.txt")).text();
  const start = text.indexOf("declare namespace Deno {");
  const body = text.slice(start, text.indexOf("\n}\n", start));
  const members = new Map<string, string>();
  for (const [, kind = "", name = ""] of body.matchAll(
    /^ {2}(function|const|let|namespace|enum) (\w+)/gm,
  ))
    members.set(name, kind);
  return members;
}

describe("the types of scripts", () => {
  test.each(["hello", "websocket", "sse", "static"])("accept the template %s", async (name) => {
    expect(await complaints(TEMPLATES[name]?.["main.ts"] ?? "")).toEqual([]);
  });

  test("accept what a script can use", async () => {
    const source = `
      import { execution, log } from "picloud";
      Deno.serve(async (request, info) => {
        log.info("hello", { id: execution.id });
        info.waitUntil(Promise.resolve());
        using file = Deno.openSync("main.ts");
        const pattern = new URLPattern({ pathname: "/a/:b" });
        const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
        return Response.json({ a: info.params["a"], b: pattern.test(request.url), c: key.type, d: file.readable.locked });
      });`;
    expect(await complaints(source)).toEqual([]);
  });

  test.each([
    ["Deno.serv(() => new Response());", "serv"],
    ["Deno.Command;", "Command"],
    ["Deno.serve((request, info) => info.parms);", "parms"],
    ["document.title;", "document"],
    ['import { exection } from "picloud"; exection;', "exection"],
    ["export default { fetch: (request: Request) => request.hedders };", "hedders"],
  ])("mark the mistake in %s", async (source, word) => {
    const found = await complaints(source);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).toContain(word);
  });

  test("name exactly the members of Deno that work here", async () => {
    const declared = await declaredMembers();
    const names = JSON.stringify([...declared.keys()]);
    const run = await runInGuest(`
      const missing = ${names}.filter((name) => Deno[name] === undefined);
      Deno.version;
      const refusing = (value) => {
        if (typeof value !== "function") return false;
        try { value(); return false; } catch (error) { return error instanceof Deno.errors.NotSupported; }
      };
      const working = Object.getOwnPropertyNames(Deno).filter((name) => typeof Deno[name] === "function" && !refusing(Deno[name]));
      export default { missing, working };
    `);
    expect(run.error).toBeNull();
    const { missing, working } = run.result as { missing: string[]; working: string[] };
    expect(missing).toEqual([]);
    expect(working.filter((name) => !declared.has(name))).toEqual(UNDECLARED);
  });
});

/** There for programs that look for them, and of no use to a script: an editor need not offer them. */
const UNDECLARED = [
  "Permissions",
  "PermissionStatus",
  "execPath",
  "osRelease",
  "osUptime",
  "loadavg",
  "uid",
  "gid",
  "isatty",
  "networkInterfaces",
  "cpuUsage",
  "systemMemoryInfo",
  "refTimer",
  "unrefTimer",
  "addSignalListener",
  "removeSignalListener",
  "readLink",
  "readLinkSync",
  "FsFile",
];
