/** Changes under traffic: every request meets the world before a change or the one after it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Instance, startInstance } from "../support/instance.ts";
import { keepAsking } from "../support/load.ts";
import { rawRequest } from "../support/raw-http.ts";

let cloud: Instance;
beforeAll(async () => {
  cloud = await startInstance();
}, 60_000);
afterAll(() => cloud.dispose());

interface Deployed {
  appId: string;
  scriptId: string;
  host: string;
}

async function deploy(slug: string, source: string, path = "/*"): Promise<Deployed> {
  const app = await cloud.api<{ id: string }>("POST", "/apps", { slug, name: slug });
  const host = `${slug}.example.com`;
  await cloud.api("POST", `/apps/${slug}/domains`, { host });
  const script = await cloud.api<{ id: string }>("POST", "/scripts", {
    app_id: app.body.id,
    name: "s",
    source,
  });
  expect(script.status).toBe(201);
  await cloud.api("POST", `/scripts/${script.body.id}/routes`, { path });
  return { appId: app.body.id, scriptId: script.body.id, host };
}

const ask = async (host: string, path = "/") => {
  const response = await cloud.ask(host, path);
  return { status: response.status, text: await response.text() };
};

describe("under load", () => {
  test("each answer is wholly of one version, never older than the last that was acknowledged, and none fails", async () => {
    const source = (n: number) => `
      const version = ${n};
      export default () => new Response("version " + version, { headers: { "x-version": "${n}" } });`;
    const { scriptId, host } = await deploy("versions", source(1));
    let acknowledged = 1;
    const load = keepAsking(
      async () => {
        const least = acknowledged;
        const response = await cloud.ask(host, "/");
        const text = await response.text();
        return { least, status: response.status, header: response.headers.get("x-version"), text };
      },
      { lines: 6 },
    );
    for (let version = 2; version <= 9; version++) {
      const saved = await cloud.api("PUT", `/scripts/${scriptId}`, { source: source(version) });
      expect(saved.status).toBe(200);
      acknowledged = version;
    }
    const results = await load.stop();
    expect(results.length).toBeGreaterThan(20);
    for (const { least, status, header, text } of results) {
      expect({ status, text }).toEqual({ status: 200, text: `version ${header}` });
      expect(Number(header)).toBeGreaterThanOrEqual(least);
    }
    expect(new Set(results.map(({ header }) => header)).size).toBeGreaterThan(3);
  }, 30_000);

  test("a route that moves from one script to another answers by one or the other, or not at all in between", async () => {
    const { appId, scriptId, host } = await deploy(
      "moving",
      "export default () => new Response('one')",
      "/here",
    );
    const second = await cloud.api<{ id: string }>("POST", "/scripts", {
      app_id: appId,
      name: "t",
      source: "export default () => new Response('two')",
    });
    const load = keepAsking(() => ask(host, "/here"), { lines: 4 });
    let owner = scriptId;
    for (let turn = 0; turn < 10; turn++) {
      const routes = await cloud.api<{ items: { id: string }[] }>(
        "GET",
        `/scripts/${owner}/routes`,
      );
      await cloud.api("DELETE", `/routes/${routes.body.items[0]?.id}`);
      owner = owner === scriptId ? second.body.id : scriptId;
      expect((await cloud.api("POST", `/scripts/${owner}/routes`, { path: "/here" })).status).toBe(
        201,
      );
      expect((await ask(host, "/here")).text).toBe(owner === scriptId ? "one" : "two");
    }
    for (const { status, text } of await load.stop())
      expect(status === 404 ? "none" : text).toMatch(/^(?:one|two|none)$/);
  }, 30_000);
});

describe("an app deleted while others deploy into it", () => {
  test("is gone with everything in it, whatever came first, and every call has a clear answer", async () => {
    for (let turn = 0; turn < 4; turn++) {
      const slug = `doomed-${turn}`;
      const { appId, scriptId, host } = await deploy(slug, "export default () => 1");
      const calls = [
        cloud.api("PUT", `/scripts/${scriptId}`, { source: "export default () => 2" }),
        cloud.api("POST", "/scripts", {
          app_id: appId,
          name: "more",
          source: "export default () => 3",
        }),
        cloud.api("POST", `/scripts/${scriptId}/routes`, { path: "/more", method: "GET" }),
        cloud.api("POST", `/apps/${slug}/domains`, { host: `more.${host}` }),
        cloud.api("PUT", `/apps/${slug}/env/NAME`, { value: "v" }),
        cloud.api("PATCH", `/apps/${slug}`, { slug: `${slug}-renamed` }),
      ];
      const deleted = cloud.api("DELETE", `/apps/${appId}?force=true`);
      expect((await deleted).status).toBe(204);
      for (const { status } of await Promise.all(calls))
        expect([200, 201, 204, 404]).toContain(status);
      for (const path of [
        `/apps/${appId}`,
        `/apps/${slug}`,
        `/apps/${slug}-renamed`,
        `/scripts/${scriptId}`,
      ])
        expect({ path, status: (await cloud.api("GET", path)).status }).toEqual({
          path,
          status: 404,
        });
      expect((await ask(host)).status).toBe(404);
      expect((await ask(`more.${host}`)).status).toBe(404);
      expect((await cloud.ask("localhost", `/api/v1/execute/${scriptId}`)).status).toBe(404);
    }
  }, 60_000);
});

describe("names beyond ASCII", () => {
  test("are one claim and one host, written in Unicode or in punycode", async () => {
    await deploy("idna", "export default () => new Response('met')", "/café");
    const claim = await cloud.api("POST", "/apps/idna/domains", { host: "BÜCHER.Example." });
    expect(claim.body["host"]).toBe("xn--bcher-kva.example");
    const again = await cloud.api("POST", "/apps/idna/domains", {
      host: "xn--BCHER-kva.example:443",
    });
    expect(again.body["code"]).toBe("domain_taken");
    for (const host of ["xn--bcher-kva.example", "XN--BCHER-KVA.example.:8080"]) {
      const bytes = `GET /caf%C3%A9 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      expect((await rawRequest({ port: cloud.port, bytes })).received).toContain("met");
    }
    const match = await cloud.api("POST", "/routes:match", {
      method: "GET",
      url: "http://bücher.example/café",
    });
    expect(match.body).toMatchObject({ matched: true, app: { slug: "idna" } });
  });

  test("a method that no route has is 405 with Allow, and OPTIONS and HEAD are methods like others", async () => {
    const { scriptId, host } = await deploy(
      "methods",
      "export default (r) => new Response(r.method)",
      "/any",
    );
    await cloud.api("POST", `/scripts/${scriptId}/routes`, { path: "/only", method: "GET" });
    await cloud.api("POST", `/scripts/${scriptId}/routes`, { path: "/only", method: "PUT" });
    const refused = await cloud.ask(host, "/only", { method: "POST" });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, PUT"]);
    expect((await cloud.ask(host, "/only", { method: "OPTIONS" })).status).toBe(405);
    expect(await (await cloud.ask(host, "/any", { method: "OPTIONS" })).text()).toBe("OPTIONS");
    const head = await cloud.ask(host, "/only", { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "4"]);
    const checked = await cloud.api("POST", "/routes:match", {
      method: "POST",
      url: `http://${host}/only`,
    });
    expect(checked.body).toMatchObject({
      matched: false,
      reason: "method_not_allowed",
      allow: ["GET", "HEAD", "PUT"],
    });
  });
});
