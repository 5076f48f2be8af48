/**
 * An editor whose script answers on the platform's own host, with the owner logged in in a real browser:
 * each way by which the script's page could act as the owner.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { OWNER, startInstance, type Instance } from "../support/instance.ts";

const PLATFORM = "cloud.example.com";
const TENANT = "shop.example.com";
const PASSWORD = "the editor's password";

let cloud: Instance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let platform: string;
let tenant: string;
let app: string;
let editor: { id: string; token: string };

/** What the page of the script does; every attack leaves what came of it in `window.result`. */
const SOURCE = `
const HTML = (code) => \`<!doctype html><meta charset="utf-8"><body><script>
const attack = async () => { \${code} };
attack().then((value) => { window.result = { value: value ?? null }; }, (error) => { window.result = { failed: String(error) }; });
</script>\`;
export default async (request) => {
  const url = new URL(request.url);
  if (url.pathname.endsWith("/worker.js"))
    return new Response("self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)))", {
      headers: { "content-type": "text/javascript", "service-worker-allowed": "/" },
    });
  if (url.pathname.endsWith("/seen"))
    return Response.json({ headers: [...request.headers], url: request.url });
  if (url.pathname.endsWith("/cookies")) {
    const headers = new Headers();
    for (const value of (await request.text()).split("\\n")) headers.append("set-cookie", value);
    return new Response("set", { headers });
  }
  if (url.pathname.endsWith("/headers"))
    return new Response("hi", { headers: {
      "content-security-policy": "sandbox allow-same-origin allow-scripts", "clear-site-data": "\\"*\\"",
      "strict-transport-security": "max-age=99999999", "alt-svc": "h2=\\":1\\"", "service-worker-allowed": "/",
      "x-content-type-options": "sniff",
    } });
  const code = atob(url.searchParams.get("code") ?? "");
  return new Response(HTML(code), { headers: { "content-type": "text/html" } });
};`;

let script: string;

async function makeEditor(): Promise<void> {
  const made = await cloud.api<{ id: string }>("POST", "/users", {
    username: "eve",
    password: PASSWORD,
  });
  const slug = "shared";
  const created = await cloud.api<{ id: string }>("POST", "/apps", { slug, name: slug });
  app = created.body.id;
  for (const host of [PLATFORM, TENANT])
    expect((await cloud.api("POST", `/apps/${app}/domains`, { host })).status).toBe(201);
  await cloud.api("POST", `/apps/${app}/members`, { user_id: made.body.id, role: "editor" });
  const login = await fetch(`${cloud.url}/api/v1/admin/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "eve", password: PASSWORD }),
  });
  editor = { id: made.body.id, token: (await login.json()).token };
  const saved = await asEditor("POST", "/scripts", { app_id: app, name: "page", source: SOURCE });
  expect(saved.status).toBe(201);
  script = (await saved.json()).id;
  const routed = await asEditor("POST", `/scripts/${script}/routes`, { path: "/*" });
  expect(routed.status).toBe(201);
}

const asEditor = (method: string, path: string, body?: unknown) =>
  fetch(`${cloud.url}/api/v1/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${editor.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

beforeAll(async () => {
  [cloud, browser] = await Promise.all([
    startInstance({ env: { PICLOUD_PUBLIC_BASE_URL: `http://${PLATFORM}` } }),
    openBrowser(["*.example.com"]),
  ]);
  platform = `http://${PLATFORM}:${cloud.port}`;
  tenant = `http://${TENANT}:${cloud.port}`;
  await makeEditor();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await cloud?.dispose();
});

beforeEach(async () => {
  await context?.close();
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(`${platform}/healthz`);
  expect(await fromPlatform("POST", "/auth/login", OWNER)).toMatchObject({ status: 200 });
});

/** As a page of the platform itself does it, with the owner's cookie. */
async function fromPlatform(method: string, path: string, body?: unknown) {
  return await page.evaluate(
    async ({ method, path, body }) => {
      const response = await fetch(`/api/v1/admin${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    },
    { method, path, body },
  );
}

const promote = (to: string) => ({ path: `/users/${editor.id}`, body: { instance_role: to } });

/** Nothing that an attack could want has happened: the editor is a member, and nobody new is there. */
async function expectNothingWon(): Promise<void> {
  const { body } = await cloud.api<{ items: { username: string; instance_role: string }[] }>(
    "GET",
    "/users",
  );
  expect(
    body.items.map(({ username, instance_role }) => `${username} ${instance_role}`).toSorted(),
  ).toEqual(["eve member", `${OWNER.username} owner`]);
  await page.goto(`${platform}/healthz`);
  expect(JSON.parse((await fromPlatform("GET", "/auth/me")).text)).toMatchObject({
    username: OWNER.username,
  });
}

/** The places from which a script's page answers. */
const PLACES = {
  "by id on the platform's host": () => `${platform}/api/v1/execute/${script}/page`,
  "by a route on the platform's host": () => `${platform}/page`,
  "by a route on a tenant's host of the same site": () => `${tenant}/page`,
} as const;
const places = Object.keys(PLACES) as (keyof typeof PLACES)[];

interface Result {
  value?: unknown;
  failed?: string;
}

async function run(place: keyof typeof PLACES, code: string): Promise<Result> {
  await page.goto(`${PLACES[place]()}?code=${encodeURIComponent(btoa(code))}`);
  await page.waitForFunction("window.result !== undefined");
  return await page.evaluate("window.result");
}

test("the owner's own page may do it all: what is refused below is not refused to everybody", async () => {
  const { path, body } = promote("admin");
  expect(await fromPlatform("PATCH", path, body)).toMatchObject({ status: 200 });
  expect(await fromPlatform("PATCH", path, promote("member").body)).toMatchObject({ status: 200 });
  expect(await page.evaluate("document.cookie")).toBe("");
  await expectNothingWon();
});

describe.each(places)("a script's page %s", (place) => {
  test("promotes nobody by fetch, with cookies and whatever method, mode and type", async () => {
    for (const init of [
      `{ method: "PATCH", headers: { "content-type": "application/json" } }`,
      `{ method: "PATCH" }`,
      `{ method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" } }`,
      `{ method: "POST", mode: "no-cors" }`,
      `{ method: "POST", headers: { "x-http-method-override": "PATCH", "content-type": "application/json" } }`,
      `{ method: "PATCH", keepalive: true, referrerPolicy: "unsafe-url" }`,
    ]) {
      const { path, body } = promote("owner");
      const result = await run(
        place,
        `const response = await fetch("${platform}/api/v1/admin${path}", { credentials: "include", body: ${JSON.stringify(JSON.stringify(body))}, ...${init} });
         return { type: response.type, status: response.status };`,
      );
      // Refused by the browser, or sent without any way to read what came of it.
      if (result.failed === undefined) expect(result.value).toMatchObject({ type: "opaque" });
    }
    await expectNothingWon();
  });

  test("makes no user by a form, a beacon or XMLHttpRequest", async () => {
    const user = JSON.stringify({
      username: "mallory",
      password: PASSWORD,
      instance_role: "owner",
    });
    await run(
      place,
      `for (const type of ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]) {
        const frame = document.body.appendChild(Object.assign(document.createElement("iframe"), { name: "f" + type.length }));
        const form = document.body.appendChild(Object.assign(document.createElement("form"), {
          method: "post", enctype: type, action: "${platform}/api/v1/admin/users", target: frame.name }));
        form.appendChild(Object.assign(document.createElement("input"), { name: ${JSON.stringify(user.slice(0, -1))} + ',"x":"', value: '"}' }));
        const loaded = new Promise((done) => { frame.onload = done; setTimeout(done, 500); });
        form.submit();
        await loaded;
      }`,
    );
    await run(
      place,
      `return navigator.sendBeacon("${platform}/api/v1/admin/users", new Blob([${JSON.stringify(user)}], { type: "text/plain" }));`,
    );
    await run(
      place,
      `return await new Promise((done) => {
        const request = new XMLHttpRequest();
        request.open("POST", "${platform}/api/v1/admin/users");
        request.withCredentials = true;
        request.setRequestHeader("content-type", "application/json");
        request.onloadend = () => done(request.status);
        request.send(${JSON.stringify(user)});
      });`,
    ).then((result) => expect(result).toEqual({ value: 0 }));
    await expectNothingWon();
  });

  test("leads the browser nowhere that acts: navigation only reads", async () => {
    const url = `${PLACES[place]()}?code=${encodeURIComponent(btoa(`location.href = "${platform}/api/v1/admin/auth/logout";`))}`;
    await page.goto(url, { waitUntil: "commit" });
    await page.waitForURL("**/auth/logout");
    await expectNothingWon();
  });

  test("reads nothing of the control plane: not by fetch, frame, window, script tag or event stream", async () => {
    const attempts = {
      fetch: `const response = await fetch("${platform}/api/v1/admin/users", { credentials: "include" }); return await response.text();`,
      opaque: `const response = await fetch("${platform}/api/v1/admin/users", { credentials: "include", mode: "no-cors" }); return await response.text();`,
      frame: `const frame = document.body.appendChild(document.createElement("iframe"));
        await new Promise((done) => { frame.onload = done; frame.src = "${platform}/api/v1/admin/users"; setTimeout(done, 1000); });
        return frame.contentDocument.body.textContent;`,
      dashboard: `const frame = document.body.appendChild(document.createElement("iframe"));
        await new Promise((done) => { frame.onload = done; frame.src = "${platform}/admin"; setTimeout(done, 1000); });
        return frame.contentWindow.document.body.textContent;`,
      window: `const opened = window.open("${platform}/api/v1/admin/users");
        await new Promise((done) => setTimeout(done, 300));
        return opened.document.body.textContent;`,
      script: `window.onerror = () => true;
        const tag = document.createElement("script");
        const end = new Promise((done, fail) => { tag.onload = () => done("loaded"); tag.onerror = () => fail(new Error("refused")); });
        tag.src = "${platform}/api/v1/admin/auth/me";
        document.body.appendChild(tag);
        return await end;`,
      stream: `return await new Promise((done, fail) => {
        const source = new EventSource("${platform}/api/v1/admin/apps/${app}/logs:stream", { withCredentials: true });
        source.onopen = () => done("open"); source.onerror = () => { source.close(); fail(new Error("refused")); };
      });`,
    };
    for (const [name, code] of Object.entries(attempts)) {
      const result = await run(place, code);
      expect({ name, leaked: JSON.stringify(result.value ?? "").includes(OWNER.username) }).toEqual(
        { name, leaked: false },
      );
      expect({ name, failed: typeof result.failed }).toEqual({ name, failed: "string" });
    }
    await expectNothingWon();
  });

  test("sees no cookie of the platform, and plants none", async () => {
    const token = editor.token;
    const own = (await context.cookies(`${platform}/api/v1`)).find(
      ({ name }) => name === "picloud_session",
    );
    expect(own).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/api/v1" });
    await run(
      place,
      `const tries = [];
       for (const end of ["", "; path=/api/v1", "; path=/api/v1/admin", "; domain=example.com; path=/api/v1/admin"]) {
         try { document.cookie = "picloud_session=${token}" + end; tries.push(document.cookie); } catch (error) { tries.push(String(error)); }
       }
       return tries;`,
    ).then((result) => expect(JSON.stringify(result)).not.toContain(own?.value));
    const cookies = [
      "",
      "; Path=/api/v1",
      "; Path=/api/v1/admin; HttpOnly",
      "; Domain=example.com; Path=/api/v1/admin",
    ];
    const lines = cookies.flatMap((end) => [
      `picloud_session=${token}${end}`,
      ` picloud_session=${token}${end}`,
      `=picloud_session=${token}${end}`,
      `PICLOUD_SESSION=${token}${end}`,
    ]);
    const base = PLACES[place]().replace(/\/page$/, "");
    await run(
      place,
      `return (await fetch("${base}/cookies", { method: "POST", credentials: "include", mode: "no-cors", body: ${JSON.stringify(lines.join("\n"))} })).type;`,
    );
    const { cookies: kept } = await context.storageState();
    const planted = kept.filter(({ value }) => value.includes(token));
    // A page on a sibling host can plant one for the whole site by script; the platform takes neither then.
    if (place !== "by a route on a tenant's host of the same site") expect(planted).toEqual([]);
    await page.goto(`${platform}/healthz`);
    const me = await fromPlatform("GET", "/auth/me");
    expect(me.text).not.toContain("eve");
    if (planted.length === 0)
      expect(JSON.parse(me.text)).toMatchObject({ username: OWNER.username });
  });

  test("is not asked with the platform's cookie that a script could see", async () => {
    const base = PLACES[place]().replace(/\/page$/, "");
    await page.goto(`${base}/seen`);
    const seen = JSON.parse((await page.textContent("body")) ?? "{}");
    expect(seen.headers.length).toBeGreaterThan(2);
    expect(JSON.stringify(seen)).not.toContain("pcs_");
    expect(JSON.stringify(seen)).not.toContain("picloud_session");
  });
});

describe.each(places.slice(0, 2))("on the platform's own host, a page %s", (place) => {
  test("installs no service worker and has no storage", async () => {
    const base = PLACES[place]().replace(/\/page$/, "");
    for (const scope of ["/", "/admin", "/api/v1/admin/"]) {
      const result = await run(
        place,
        `const worker = await navigator.serviceWorker.register("${base}/worker.js", { scope: "${scope}" }); return worker.scope;`,
      );
      expect(typeof result.failed).toBe("string");
    }
    for (const storage of [
      "localStorage.setItem('a', 'b')",
      "sessionStorage.length",
      "indexedDB.open('a')",
      "caches.keys()",
    ])
      expect(typeof (await run(place, `return await (${storage});`)).failed).toBe("string");
    expect(context.serviceWorkers()).toEqual([]);
    await page.goto(`${platform}/healthz`);
    expect(
      await page.evaluate(
        "navigator.serviceWorker === undefined ? 0 : navigator.serviceWorker.getRegistrations().then((all) => all.length)",
      ),
    ).toBe(0);
  });

  test("is sandboxed whatever policy it sends, and sends no header that would hold for the platform", async () => {
    const base = PLACES[place]().replace(/\/page$/, "");
    const response = await page.goto(`${base}/headers`);
    const headers = (await response?.allHeaders()) ?? {};
    expect(headers["content-security-policy"]).toContain("sandbox allow-scripts allow-forms");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    for (const name of [
      "clear-site-data",
      "strict-transport-security",
      "alt-svc",
      "service-worker-allowed",
    ])
      expect({ name, value: headers[name] }).toEqual({ name, value: undefined });
    expect(await page.evaluate("window.origin")).toBe("null");
    await expectNothingWon();
  });

  test("opens no window and leads no frame's parent away", async () => {
    expect(await run(place, `return window.open("${platform}/admin") === null;`)).toEqual({
      value: true,
    });
    expect(context.pages()).toHaveLength(1);
  });
});
