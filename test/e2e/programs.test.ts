import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { startPackageRegistry } from "../support/package-registry.ts";
import { eventually, type Instance, startInstance } from "../support/instance.ts";

let cloud: Instance;
let registry: Awaited<ReturnType<typeof startPackageRegistry>>;
beforeAll(async () => {
  registry = await startPackageRegistry();
  cloud = await startInstance({ env: { PICLOUD_NPM_REGISTRY: registry.url } });
});
afterAll(async () => {
  await cloud.dispose();
  await registry.stop();
});

async function deploy(slug: string, script: Record<string, unknown>): Promise<string> {
  const app = await cloud.api<{ id: string }>("POST", "/apps", { slug, name: slug });
  await cloud.api("POST", `/apps/${slug}/domains`, { host: `${slug}.example.com` });
  const made = await cloud.api<{ id: string }>("POST", "/scripts", {
    app_id: app.body.id,
    name: "s",
    ...script,
  });
  expect({ status: made.status, body: made.status === 201 ? null : made.body }).toEqual({
    status: 201,
    body: null,
  });
  await cloud.api("POST", `/scripts/${made.body.id}/routes`, { path: "/*" });
  return made.body.id;
}

const ask = (slug: string, path: string, init?: RequestInit) =>
  cloud.ask(`${slug}.example.com`, path, init);

/** Resident memory of the server and its children, in bytes. */
function treeBytes(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
  const own =
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  return own + children.reduce((sum, child) => sum + treeBytes(child), 0);
}

describe("programs, deployed and driven over HTTP", () => {
  test("a Hono app with JWT and JSX, from npm", async () => {
    await deploy("hono", {
      files: {
        "main.tsx": `/** @jsxImportSource npm:hono@4/jsx */
          import { Hono } from "npm:hono@4";
          import { jwt, sign } from "npm:hono@4/jwt";
          const secret = "a secret";
          const app = new Hono();
          app.get("/", (c) => c.html(<p class="x">{"<hello>"}</p>));
          app.get("/token", async (c) => c.text(await sign({ sub: "anna", exp: Math.floor(Date.now() / 1000) + 60 }, secret, "HS256")));
          app.use("/me", jwt({ secret, alg: "HS256" }));
          app.get("/me", (c) => c.json({ sub: c.get("jwtPayload").sub }));
          export default app;`,
      },
      entry: "main.tsx",
    });
    expect(await (await ask("hono", "/")).text()).toBe('<p class="x">&lt;hello&gt;</p>');
    expect((await ask("hono", "/me")).status).toBe(401);
    const token = await (await ask("hono", "/token")).text();
    const me = await ask("hono", "/me", { headers: { authorization: `Bearer ${token}` } });
    expect(await me.json()).toEqual({ sub: "anna" });
  });

  test("server-sent events, a thousand of them", async () => {
    await deploy("sse", {
      source: `const encoder = new TextEncoder();
        export default { fetch() {
          let n = 0;
          const body = new ReadableStream({ pull(c) { if (n === 1000) c.close(); else c.enqueue(encoder.encode(\`id: \${++n}\\ndata: tick\\n\\n\`)); } });
          return new Response(body, { headers: { "content-type": "text/event-stream" } });
        } };`,
      limits: { cpu_ms: 10_000 },
    });
    const response = await ask("sse", "/");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const ids = [...(await response.text()).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  });

  test("a multipart upload", async () => {
    await deploy("upload", {
      source: `export default { async fetch(request) {
        const form = await request.formData();
        const file = form.get("file");
        return Response.json({ note: form.get("note"), name: file.name, size: file.size, sum: [...await file.bytes()].reduce((a, b) => a + b, 0) });
      } };`,
    });
    const form = new FormData();
    form.set("note", "größer");
    form.set("file", new File([new Uint8Array(1000).fill(3)], "bytes.bin"));
    const answer = await ask("upload", "/", { method: "POST", body: form });
    expect(await answer.json()).toEqual({
      note: "größer",
      name: "bytes.bin",
      size: 1000,
      sum: 3000,
    });
  });

  test("100 and 400 MB through a script, without growing memory", async () => {
    const id = await deploy("pipe", {
      source: "export default { fetch: (request) => new Response(request.body) };",
      limits: { request_mb: 500, response_mb: 500, cpu_ms: 30_000 },
    });
    const chunk = new Uint8Array(64 * 1024).fill(7);
    const run = async (megabytes: number): Promise<number> => {
      let left = megabytes * 16;
      const body = new ReadableStream({
        pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
      });
      const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
      const response = await ask("pipe", "/", init);
      let bytes = 0;
      for await (const part of response.body ?? []) bytes += part.byteLength;
      return bytes;
    };
    expect(await run(100)).toBe(100 * 2 ** 20);
    // Collectors leave slack of their own size; a body that were kept would leave at least its whole.
    const before = treeBytes(cloud.pid);
    expect(await run(400)).toBe(400 * 2 ** 20);
    expect(treeBytes(cloud.pid) - before).toBeLessThan(200 * 2 ** 20);
    const logs = await eventually(async () => {
      const { items } = (
        await cloud.api<{ items: { outcome: string }[] }>("GET", `/scripts/${id}/logs`)
      ).body;
      return items.length === 2 && items;
    });
    expect(logs.map(({ outcome }) => outcome)).toEqual(["completed", "completed"]);
  });
});
