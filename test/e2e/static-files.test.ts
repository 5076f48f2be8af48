/** Files of a script that are served without running it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expectProblem, Lab, type Row, type Tenant } from "../support/contract-lab.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const CSS = `body { color: black; }\n${"/* filler, so that compressing pays */\n".repeat(80)}`;
const MAIN = `export default async (request) => {
  const path = new URL(request.url).pathname;
  if (path === "/logo-size") return (await Deno.readFile("public/logo.png")).length;
  return new Response("script: " + request.method + " " + path);
};`;
const FILES = {
  "main.ts": MAIN,
  "public/logo.png": { base64: PNG.toString("base64") },
  "public/style.css": CSS,
  "public/index.html": "<h1>Home</h1>",
  "public/docs/index.html": "<h1>Docs</h1>",
  "public/a b.txt": "with a space",
  "public/app-3f9a1c2b.js": "console.log(1);",
};

let lab: Lab;
let tenant: Tenant;
let script: Row;
beforeAll(async () => {
  lab = await Lab.start();
  tenant = await lab.tenant();
  script = await lab.script(tenant, "", { files: FILES, static: { "/assets/": "public" } });
  await lab.api("POST", `/scripts/${script.id}/routes`, { path: "/*" });
}, 90_000);
afterAll(() => lab.dispose());

/** The bytes as they came, nothing decompressed. */
async function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  const response = await fetch(`${lab.cloud.url}${path}`, {
    method,
    headers: { host: tenant.host, "accept-encoding": "identity", ...headers },
    decompress: false,
  } as RequestInit);
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

describe("a file under a static folder", () => {
  test("is sent with its type, a strong tag and what caches may do", async () => {
    const { status, headers, bytes } = await get("/assets/logo.png");
    expect(status).toBe(200);
    expect(bytes.equals(PNG)).toBe(true);
    expect(headers.get("content-type")).toBe("image/png");
    expect(headers.get("etag")).toMatch(/^"[\w-]{22}"$/);
    expect(headers.get("cache-control")).toBe("public, max-age=0, must-revalidate");
    expect(headers.get("accept-ranges")).toBe("bytes");
    expect((await get("/assets/style.css")).headers.get("content-type")).toBe(
      "text/css; charset=utf-8",
    );
  });

  test.each([
    ["/assets/", "<h1>Home</h1>"],
    ["/assets/docs/", "<h1>Docs</h1>"],
    ["/assets/a%20b.txt", "with a space"],
    ["/assets/style.css?v=2", CSS],
  ])("%s", async (path, text) => {
    expect((await get(path)).bytes.toString()).toBe(text);
  });

  test("that is named by its content may be kept for ever", async () => {
    const { headers } = await get("/assets/app-3f9a1c2b.js");
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  });

  test("leaves no execution behind", async () => {
    await get("/assets/logo.png");
    const logs = await lab.api("GET", `/scripts/${script.id}/logs`);
    const paths = logs.body.items.map((item: { path: string }) => item.path);
    expect(paths).not.toContain("/assets/logo.png");
  });

  test("can be read by the script too, byte for byte", async () => {
    expect((await get("/logo-size")).bytes.toString()).toBe(String(PNG.length));
  });
});

describe("everything else goes to the script", () => {
  test.each([
    ["/assets/none.png"],
    ["/assets/docs"],
    ["/assets"],
    ["/assets/main.ts"],
    ["/assets//style.css"],
    ["/assets/docs%2findex.html"],
    ["/assets/%2e%2e/main.ts"],
    ["/assets/..%2fmain.ts"],
    ["/assets/%zz"],
    ["/assets/__proto__"],
    ["/assets/constructor"],
  ])("GET %s", async (path) => {
    const { status, bytes } = await get(path);
    expect(status).toBe(200);
    expect(bytes.toString()).toStartWith("script: GET ");
  });

  test("other methods", async () => {
    expect((await get("/assets/logo.png", {}, "POST")).bytes.toString()).toBe(
      "script: POST /assets/logo.png",
    );
  });
});

describe("conditional requests and ranges (RFC 9110)", () => {
  test("a known tag is 304 without a body", async () => {
    const etag = (await get("/assets/logo.png")).headers.get("etag") ?? "";
    for (const condition of [etag, `"other", ${etag}`, `W/${etag}`, "*"]) {
      const { status, bytes, headers } = await get("/assets/logo.png", {
        "if-none-match": condition,
      });
      expect([status, bytes.length, headers.get("etag")]).toEqual([304, 0, etag]);
    }
    expect((await get("/assets/logo.png", { "if-none-match": '"other"' })).status).toBe(200);
  });

  test("HEAD tells the length that GET would have", async () => {
    const { status, headers, bytes } = await get("/assets/logo.png", {}, "HEAD");
    expect([status, headers.get("content-length"), bytes.length]).toEqual([
      200,
      String(PNG.length),
      0,
    ]);
  });

  test.each([
    ["bytes=0-3", 206, "bytes 0-3/70", PNG.subarray(0, 4)],
    ["bytes=66-", 206, "bytes 66-69/70", PNG.subarray(66)],
    ["bytes=-4", 206, "bytes 66-69/70", PNG.subarray(66)],
    ["bytes=60-1000", 206, "bytes 60-69/70", PNG.subarray(60)],
    ["bytes=70-", 416, "bytes */70", Buffer.alloc(0)],
    ["bytes=nonsense", 416, "bytes */70", Buffer.alloc(0)],
    ["bytes=0-1,5-6", 200, null, PNG],
    ["lines=1-2", 200, null, PNG],
  ])("Range: %s is %i", async (range, status, contentRange, bytes) => {
    const found = await get("/assets/logo.png", { range });
    expect([found.status, found.headers.get("content-range")]).toEqual([status, contentRange]);
    expect(found.bytes.equals(bytes)).toBe(true);
  });

  test("If-Range with another tag gives the whole", async () => {
    const range = { range: "bytes=0-3", "if-range": '"other"' };
    expect((await get("/assets/logo.png", range)).status).toBe(200);
    const etag = (await get("/assets/logo.png")).headers.get("etag") ?? "";
    expect((await get("/assets/logo.png", { ...range, "if-range": etag })).status).toBe(206);
  });
});

describe("compression", () => {
  test.each([
    ["br, gzip", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
    ["gzip;q=1, br;q=0.5", "gzip", gunzipSync],
    ["*", "br", brotliDecompressSync],
  ])("Accept-Encoding: %s", async (accepted, encoding, decompress) => {
    const { headers, bytes } = await get("/assets/style.css", { "accept-encoding": accepted });
    expect(headers.get("content-encoding")).toBe(encoding);
    expect(headers.get("vary")).toBe("accept-encoding");
    expect(bytes.length).toBeLessThan(CSS.length / 4);
    expect(decompress(bytes).toString()).toBe(CSS);
    const again = await get("/assets/style.css", {
      "accept-encoding": accepted,
      "if-none-match": headers.get("etag") ?? "",
    });
    expect(again.status).toBe(304);
  });

  test.each([
    ["/assets/style.css", "identity"],
    ["/assets/style.css", "br;q=0, gzip;q=0"],
    ["/assets/logo.png", "br, gzip"],
    ["/assets/index.html", "br, gzip"],
  ])("%s stays as it is for %s", async (path, accepted) => {
    expect((await get(path, { "accept-encoding": accepted })).headers.has("content-encoding")).toBe(
      false,
    );
  });
});

describe("rights and versions", () => {
  test("the script's access holds for its files", async () => {
    const other = await lab.tenant();
    const closed = await lab.script(other, "", {
      files: FILES,
      static: { "/": "public" },
      access: "principal",
    });
    await lab.api("POST", `/scripts/${closed.id}/routes`, { path: "/*" });
    expectProblem(await lab.ask(other.host, "/logo.png"), 401, "unauthenticated");
    const authorization = `Bearer ${lab.owner}`;
    const allowed = await lab.ask(other.host, "/logo.png", { headers: { authorization } });
    expect(allowed.status).toBe(200);
  });

  test("under execute, files are sandboxed like every answer there", async () => {
    const { status, headers } = await get(`/api/v1/execute/${script.id}/assets/index.html`);
    expect(status).toBe(200);
    expect(headers.get("content-security-policy")).toContain("sandbox");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("files and folders belong to a version, and come back with it", async () => {
    const own = await lab.tenant();
    const made = await lab.script(own, "", {
      files: { "main.ts": "export default () => 'script';", "web/x.txt": "one" },
      static: { "/": "web" },
    });
    await lab.api("POST", `/scripts/${made.id}/routes`, { path: "/*" });
    const text = async (): Promise<string> => (await lab.ask(own.host, "/x.txt")).text;
    expect(await text()).toBe("one");
    const files = { "main.ts": "export default () => 'script';", "web/x.txt": "two" };
    expect((await lab.api("PUT", `/scripts/${made.id}`, { files })).body).toMatchObject({
      version: 2,
      static: { "/": "web" },
    });
    expect(await text()).toBe("two");
    expect((await lab.api("PUT", `/scripts/${made.id}`, { static: null })).body.static).toBeNull();
    expect(await text()).toBe('"script"');
    await lab.api("POST", `/scripts/${made.id}/versions/1:activate`);
    expect(await text()).toBe("one");
  });

  test("what was sent as base64 is read back so", async () => {
    const { body } = await lab.api("GET", `/scripts/${script.id}`);
    expect(body.files["public/logo.png"]).toEqual({ base64: PNG.toString("base64") });
    expect(body.static).toEqual({ "/assets/": "public" });
  });
});

describe("what cannot be is 422 and changes nothing", () => {
  test.each([
    ["a folder without files", { static: { "/": "nowhere" } }],
    ["a path without an end slash", { static: { "/assets": "public" } }],
    ["a path with an escape", { static: { "/a%20b/": "public" } }],
    ["a folder outside", { static: { "/": "../public" } }],
    ["no folder", { static: { "/": "" } }],
    ["base64 that is none", { files: { ...FILES, "public/logo.png": { base64: "not base64!" } } }],
    ["base64 without padding", { files: { ...FILES, "x.bin": { base64: "abc" } } }],
    ["an unknown form of a file", { files: { ...FILES, "x.bin": { hex: "00" } } }],
    ["a binary entry", { files: { "main.ts": { base64: "AAAA" } } }],
    [
      "too many files",
      { files: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`f${i}.txt`, "x"])) },
    ],
  ])("%s", async (_name, change) => {
    const refused = await lab.api("PUT", `/scripts/${script.id}`, change);
    expect(refused.status).toBe(422);
    expect((await lab.api("GET", `/scripts/${script.id}`)).body.latest_version).toBe(1);
  });
});
