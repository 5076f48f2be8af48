import { describe, expect, test } from "bun:test";
import { startPlane, text } from "./harness.ts";
import type { Caller, CallerResolution } from "../../src/shared/caller.ts";

const principal = { kind: "user", id: "u1", username: "ada", role: "member" } as const;
const caller = (may: boolean): Caller => ({ principal, mayInvoke: () => Promise.resolve(may) });
const known = (may = true): CallerResolution => ({ caller: caller(may), fault: false });
const nobody: CallerResolution = { caller: null, fault: false };
const hello = { run: () => text("hello") };
const routes = ["* any / -> s"];

describe("platform credentials", () => {
  test.each([
    ["Bearer pcs_abc", null],
    ["bearer  pic_ABC", null],
    ["pic_ABC", null],
    [`Basic ${btoa("user:pic_ABC")}`, null],
    ["Bearer own-token", "Bearer own-token"],
    ["Bearer eyJhpic_x.pcs_y", "Bearer eyJhpic_x.pcs_y"],
    [`Basic ${btoa("user:pass")}`, `Basic ${btoa("user:pass")}`],
  ])("Authorization %s reaches the script as %p", async (authorization, expected) => {
    using h = startPlane({ scripts: { s: hello }, routes });
    await h.fetch("x.test", "/", { headers: { authorization } });
    expect(new Map(h.seen().headers).get("authorization") ?? null).toBe(expected);
  });

  test.each([
    ["picloud_session=abc", null],
    ["a=1; picloud_session=abc; b=2", "a=1; b=2"],
    ["a=1;picloud_session=abc", "a=1"],
    ["a=picloud_session", "a=picloud_session"],
  ])("Cookie %s reaches the script as %p", async (cookie, expected) => {
    using h = startPlane({ scripts: { s: hello }, routes });
    await h.fetch("x.test", "/", { headers: { cookie } });
    expect(new Map(h.seen().headers).get("cookie") ?? null).toBe(expected);
    expect(JSON.stringify(h.records)).not.toContain("abc");
  });
});

describe("access", () => {
  test("a public script sees the caller, and nobody when there is none", async () => {
    using h = startPlane({
      scripts: { s: hello },
      routes,
      resolveCaller: (headers) => (headers.has("authorization") ? known() : nobody),
    });
    await h.fetch("x.test", "/", { headers: { authorization: "Bearer pcs_x" } });
    expect(h.seen().principal).toEqual(principal);
    await h.fetch("x.test", "/");
    expect(h.seen().principal).toBeNull();
    expect(h.records.map((record) => record.principal)).toEqual([principal, null]);
  });

  test.each([
    ["nobody", nobody, 401],
    ["a caller without the capability", known(false), 403],
    ["a caller with it", known(true), 200],
    ["an unknown because the database is away", { caller: null, fault: true }, 503],
  ])("a script for principals: %s", async (_, resolution, status) => {
    using h = startPlane({
      scripts: { s: { ...hello, access: "principal" } },
      routes,
      resolveCaller: () => Promise.resolve(resolution),
    });
    const response = await h.fetch("x.test", "/");
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(h.records.length).toBe(status === 200 ? 1 : 0);
  });

  test("a public script waits for the caller no longer than its bound, and no fault fails it", async () => {
    const never = new Promise<CallerResolution>(() => undefined);
    using slow = startPlane({ scripts: { s: hello }, routes, resolveCaller: () => never });
    expect((await slow.fetch("x.test", "/")).status).toBe(200);
    using broken = startPlane({
      scripts: { s: hello },
      routes,
      resolveCaller: () => Promise.reject(new Error("down")),
    });
    expect((await broken.fetch("x.test", "/")).status).toBe(200);
    expect(broken.seen().principal).toBeNull();
  });

  test.each([
    ["GET", {}, true],
    ["POST", {}, false],
    ["POST", { origin: "http://x.test" }, true],
    ["POST", { origin: "http://evil.x.test" }, false],
    ["POST", { origin: "null" }, false],
    ["POST", { origin: "https://cloud.test" }, true],
    ["GET", { "sec-fetch-site": "same-site" }, false],
    ["GET", { "sec-fetch-site": "same-origin" }, true],
  ])(
    "the cookie counts only from a page of the host's own: %s %p",
    async (method, extra, counts) => {
      using h = startPlane({
        scripts: { s: hello },
        routes,
        config: { publicBaseUrl: "https://cloud.test" },
        resolveCaller: (headers) =>
          headers.get("cookie")?.includes("picloud_session") ? known() : nobody,
      });
      await h.fetch("x.test", "/", { method, headers: { cookie: "picloud_session=t", ...extra } });
      expect(h.seen().principal !== null).toBe(counts);
    },
  );
});

describe("reverse proxies", () => {
  const forwarding = {
    "x-forwarded-for": "203.0.113.9, 127.0.0.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "a.w.test",
  };

  test("forwarding headers of anyone else are neither believed nor shown", async () => {
    using h = startPlane({ scripts: { s: hello }, routes });
    await h.fetch("x.test", "/", { headers: forwarding });
    expect(h.seen().url).toBe("http://x.test/");
    expect(h.seen().remoteAddr.hostname).toBe("127.0.0.1");
    expect(h.seen().headers.some(([name]) => name.startsWith("x-forwarded"))).toBe(false);
  });

  test("those of a configured proxy give host, scheme and address", async () => {
    using h = startPlane({
      scripts: { s: hello },
      routes,
      config: { trustedProxies: ["127.0.0.0/8"] },
    });
    await h.fetch("x.test", "/", { headers: forwarding });
    expect(h.seen()).toMatchObject({
      url: "https://a.w.test/",
      remoteAddr: { hostname: "203.0.113.9" },
    });
    await h.fetch("x.test", "/", {
      headers: { forwarded: 'for="[2001:db8::1]:99";proto=https;host=b.w.test' },
    });
    expect(h.seen()).toMatchObject({
      url: "https://b.w.test/",
      remoteAddr: { hostname: "2001:db8::1" },
    });
  });

  test("a Forwarded that a client slipped past a proxy which writes X-Forwarded-* is not believed", async () => {
    using h = startPlane({
      scripts: { s: hello },
      routes,
      config: { trustedProxies: ["127.0.0.0/8"] },
    });
    const slipped = { forwarded: "for=198.51.100.1;proto=https;host=b.w.test" };
    for (const own of [
      { "x-forwarded-for": "203.0.113.9" },
      { "x-forwarded-for": "203.0.113.9", "x-forwarded-host": "" },
      { "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http" },
    ]) {
      await h.fetch("x.test", "/", { headers: { ...slipped, ...own } });
      expect(h.seen()).toMatchObject({
        url: "http://x.test/",
        remoteAddr: { hostname: "203.0.113.9" },
      });
    }
  });

  test("a configured proxy that is no address stops the start", () => {
    expect(() => startPlane({ scripts: {}, config: { trustedProxies: ["proxy.test"] } })).toThrow(
      "give an IP address or a CIDR",
    );
  });
});
