/** What the API foretells is what then happens: random routes and requests over a whole instance. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  pick,
  randomRequest,
  randomRoute,
  randomWorld,
  seeded,
} from "../orchestrator/routing/random-tables.ts";
import { type Instance, startInstance } from "../support/instance.ts";
import { rawRequest, statusOf, type RawAnswer } from "../support/raw-http.ts";

const ROUTES = 80;
const REQUESTS = 300;
const HOSTS = ["x.test", "a.x.test", "b.a.x.test", "y.test", "*.x.test", "*.y.test"];
/** Methods that routes may name. */
const METHODS = new Set(["*", "GET", "HEAD", "POST", "PUT", "OPTIONS"]);

interface Route {
  id: string;
}
interface Match {
  matched: boolean;
  reason?: string;
  allow?: string[];
  script?: { name: string };
}

const random = seeded(20_261_128);
/** All hosts and methods, and so few paths that they meet. */
const world = {
  ...randomWorld(() => 0.1),
  segmentsMax: 2,
  literals: ["a", "b", "%62", "a%2Fb", "%E6%97%A5"],
};
const scripts: { id: string; app_id: string }[] = [];
let cloud: Instance;

beforeAll(async () => {
  cloud = await startInstance();
  const apps: string[] = [];
  for (const slug of ["one", "two"])
    apps.push((await cloud.api<{ id: string }>("POST", "/apps", { slug, name: slug })).body.id);
  for (const host of HOSTS)
    await cloud.api("POST", `/apps/${pick(random, apps)}/domains`, { host });
  for (let i = 0; i < 6; i++) {
    const { body } = await cloud.api<{ id: string; app_id: string }>("POST", "/scripts", {
      app_id: apps[i % 2],
      name: `s${i}`,
      source: `export default () => new Response("s${i}");`,
    });
    scripts.push(body);
  }
}, 90_000);
afterAll(() => cloud.dispose());

test(`routes:check says of ${ROUTES} routes whether they can be made, and what stands in their way`, async () => {
  const seen = new Set<number>();
  for (let i = 0; i < ROUTES; i++) {
    const script = pick(random, scripts);
    const { path, host, method } = randomRoute(random, world, `r${i}`, script.app_id);
    // One that matches everything would leave nothing to the others.
    if (!METHODS.has(method) || path === "/*") continue;
    const route = { path, method, ...(host === null ? {} : { host }) };
    const foretold = await cloud.api<{ ok?: boolean; conflicting_route?: Route }>(
      "POST",
      "/routes:check",
      { app_id: script.app_id, ...route },
    );
    const made = await cloud.api<{ conflicting_route?: Route }>(
      "POST",
      `/scripts/${script.id}/routes`,
      route,
    );
    seen.add(made.status);
    expect({ route, ok: foretold.body.ok === true }).toEqual({ route, ok: made.status === 201 });
    expect(foretold.body.conflicting_route?.id).toBe(made.body.conflicting_route?.id as string);
  }
  expect(seen).toEqual(new Set([201, 409, 422]));
}, 60_000);

/** In the words of routes:match. */
function answerOf(answer: RawAnswer, method: string): Match {
  const status = statusOf(answer);
  const body = answer.received.slice(answer.received.indexOf("\r\n\r\n") + 4);
  if (status === 200)
    return { matched: true, ...(method === "HEAD" ? {} : { script: { name: body } }) };
  if (status === 405) {
    const allow = /^allow: (.*)\r$/im.exec(answer.received)?.[1]?.split(", ") ?? [];
    return { matched: false, reason: "method_not_allowed", allow };
  }
  // HEAD has no body that could say which.
  const code = /"code":"(\w+)"/.exec(body)?.[1];
  const reasons: Record<string, string> = {
    host_not_found: "no_host",
    route_not_found: "no_route",
  };
  return { matched: false, ...(code === undefined ? {} : { reason: reasons[code] ?? code }) };
}

test(`routes:match says of ${REQUESTS} requests what the router then does`, async () => {
  const seen = new Set<string>();
  for (let i = 0; i < REQUESTS; i++) {
    const { host, method, path } = randomRequest(random, world);
    const { body: foretold } = await cloud.api<Match>("POST", "/routes:match", {
      method,
      url: `http://${host}${path}`,
    });
    const bytes = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    const answer = answerOf(await rawRequest({ port: cloud.port, bytes }), method);
    seen.add(foretold.reason ?? "matched");
    const request = { method, host, path };
    expect({ request, answer: foretold }).toMatchObject({ request, answer });
  }
  expect([...seen].toSorted()).toEqual(["matched", "method_not_allowed", "no_host", "no_route"]);
}, 120_000);
