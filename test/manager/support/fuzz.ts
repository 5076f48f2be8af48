/** Mutated requests against every endpoint: valid ones with something wrong, by everybody, and never a 500. */
import { endpoints } from "../../../src/manager/http/endpoints.ts";
import type { Endpoint } from "../../../src/manager/http/endpoint.ts";
import { newId } from "../../../src/shared/ids.ts";
import type { Harness } from "./harness.ts";
import { documentedPath } from "../../../src/manager/http/openapi.ts";

export interface FuzzReport {
  requests: number;
  /** Status to count. */
  statuses: Record<string, number>;
  /** Endpoints that let at least one request through to a success. */
  passed: Set<string>;
  failures: string[];
}

/** Ids and credentials of a small world, made anew for each batch: what was fuzzed may be gone. */
interface World {
  callers: (string | undefined)[];
  values: string[];
  ids: Record<string, string>;
}

const BATCH = 500;
const AT_ONCE = 8;
const NASTY: readonly unknown[] = [
  "",
  "\0",
  "\ud800",
  "../..",
  "..%2f..",
  "%00",
  "a\r\nx-injected: 1",
  "' or 1=1 --",
  "*.example.com",
  "/a",
  "/:id",
  "/*",
  "{{7*7}}",
  "__proto__",
  "constructor",
  "9999999-99-99",
  "2030-01-01T00:00:00Z",
  "0001-01-01T00:00:00Z",
  "a".repeat(5000),
  "\u202e\u0000",
  "%",
  "null",
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  [],
  {},
  [[[]]],
  { a: { b: {} } },
];
/** A value that fits, by the name of its field. */
const FITTING: Readonly<Record<string, () => unknown>> = {
  username: () => `u-${newId().slice(-12)}`,
  password: () => "a long enough password",
  current_password: () => "correct horse battery",
  new_password: () => "correct horse battery",
  email: () => `${newId()}@example.com`,
  instance_role: () => "member",
  is_active: () => true,
  totp: () => "123456",
  totp_enabled: () => false,
  role: () => "viewer",
  scopes: () => ["script:read"],
  expires_at: () => "2090-01-01T00:00:00Z",
  name: () => `n-${newId().slice(-12)}`,
  slug: () => `s-${newId().slice(-12)}`,
  description: () => "text",
  force: () => false,
  host: () => `${newId()}.example.com`,
  path: () => `/p-${newId().slice(-8)}`,
  method: () => "GET",
  url: () => "http://localhost/x",
  source: () => "export default () => 1",
  files: () => ({ "main.ts": "export default () => 1" }),
  entry: () => "main.ts",
  value: () => "value",
  secret: () => false,
  allow: () => ["10.0.0.0/8"],
  deny: () => [],
  egress: () => ({ allow: [], deny: [] }),
  require_totp: () => false,
  audit_retention_days: () => 365,
  limits: () => ({ memory_mb: 64 }),
  instance: () => "fresh",
  access: () => "public",
};

/** Mulberry32: small, and the same for a seed everywhere. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Fuzzer {
  readonly #random: () => number;
  readonly #world: World;

  constructor(random: () => number, world: World) {
    this.#random = random;
    this.#world = world;
  }

  request(endpoint: Endpoint): Request {
    const method = this.#chance(0.03)
      ? this.#pick(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
      : endpoint.method.toUpperCase();
    const hasBody =
      method !== "GET" && method !== "HEAD" && (endpoint.body !== undefined || this.#chance(0.1));
    const url = `http://localhost/api/v1/admin${this.#path(endpoint)}${this.#query()}`;
    return new Request(url, {
      method,
      headers: this.#headers(endpoint, hasBody),
      ...(hasBody ? { body: this.#body(endpoint) } : {}),
    });
  }

  #path(endpoint: Endpoint): string {
    return documentedPath(endpoint.path).replace(/\{(\w+)\}/g, (_, name: string) => {
      const fitting =
        name === "id"
          ? this.#world.ids[`id ${endpoint.path.split("/")[1]}`]
          : this.#world.ids[name];
      return this.#chance(0.6) && fitting !== undefined ? fitting : encode(this.#anything()) || "x";
    });
  }

  #query(): string {
    if (this.#chance(0.6)) return "";
    const names = [
      "limit",
      "cursor",
      "since",
      "until",
      "step",
      "outcome",
      "root_execution_id",
      "force",
      "app",
      "actor",
    ];
    const pairs = Array.from(
      { length: 1 + this.#below(3) },
      () => `${this.#pick(names)}=${encode(this.#anything())}`,
    );
    return `?${pairs.join("&")}`;
  }

  #headers(endpoint: Endpoint, hasBody: boolean): Headers {
    const headers = new Headers();
    // Who logs out is nobody for the rest of the batch.
    const callers = this.#world.callers.slice(endpoint.path === "/auth/logout" ? 4 : 0);
    const caller = this.#pick(callers);
    if (caller !== undefined && this.#chance(0.9)) headers.set("authorization", `Bearer ${caller}`);
    else if (caller !== undefined) headers.set("cookie", `a=b; picloud_session=${caller}`);
    if (hasBody && this.#chance(0.97)) headers.set("content-type", "application/json");
    if (this.#chance(0.1))
      headers.set("origin", this.#pick(["null", "http://localhost", "http://evil.example", "x"]));
    if (this.#chance(0.03))
      headers.set(
        this.#pick([
          "authorization",
          "cookie",
          "content-type",
          "host",
          "x-forwarded-for",
          "last-event-id",
          "user-agent",
        ]),
        this.#text(),
      );
    return headers;
  }

  #body(endpoint: Endpoint): string {
    if (this.#chance(0.05)) return JSON.stringify(this.#anything()) ?? "";
    const body: Record<string, unknown> = {};
    for (const name of fieldsOf(endpoint)) if (this.#chance(0.75)) body[name] = this.#fitting(name);
    const changes = this.#below(3);
    for (let index = 0; index < changes; index++) {
      const names = Object.keys(body);
      const name =
        this.#chance(0.85) && names.length > 0
          ? this.#pick(names)
          : this.#pick(Object.keys(FITTING));
      if (this.#chance(0.15)) delete body[name];
      else
        body[name] = this.#chance(0.25) ? [this.#anything(), this.#anything()] : this.#anything();
    }
    return this.#broken(JSON.stringify(body));
  }

  /** Now and then text that is no JSON, or hostile JSON. */
  #broken(text: string): string {
    if (this.#chance(0.92)) return text;
    return this.#pick([
      () => text.slice(0, this.#below(text.length + 1)),
      () => text.replace("{", '{"__proto__":{"x":1},'),
      () => `${"[".repeat(this.#below(5000))}${text}`,
      () => text.replace("{", `{"name":1,"name":2,`),
      () => text.replaceAll('"', "'"),
      () => `${text}${text}`,
      () => `\ufeff${text}`,
      () => text.replace(":", `:${"9".repeat(400)},"x":`),
    ])();
  }

  #fitting(name: string): unknown {
    if (name === "app_id") return this.#chance(0.8) ? this.#world.ids["app"] : this.#anything();
    if (name === "user_id") return this.#world.ids["user_id"];
    return FITTING[name]?.() ?? this.#anything();
  }

  #anything(): unknown {
    if (this.#chance(0.25)) return this.#pick(this.#world.values);
    if (this.#chance(0.2)) return this.#pick(Object.values(FITTING))();
    return this.#chance(0.2) ? this.#characters() : this.#pick(NASTY);
  }

  #characters(): string {
    return String.fromCharCode(
      ...Array.from({ length: this.#below(12) }, () => this.#below(0xffff)),
    );
  }

  /** Of what a header may hold. */
  #text(): string {
    return Array.from({ length: this.#below(40) }, () =>
      String.fromCharCode(33 + this.#below(93)),
    ).join("");
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }
}

const encode = (value: unknown): string =>
  encodeURIComponent((typeof value === "string" ? value : JSON.stringify(value)).toWellFormed());

function fieldsOf({ body }: Endpoint): string[] {
  if (body === undefined || !("entries" in body)) return Object.keys(FITTING).slice(0, 6);
  return Object.keys(body.entries as object);
}

async function makeWorld(h: Harness): Promise<World> {
  await h.database.sql`delete from settings where key = 'require_totp'`;
  h.manager.deps.credentials.drop(null);
  // Those who call are not those who are changed and deleted.
  const [owner, other, member, target] = [
    await h.person("owner"),
    await h.person("owner"),
    await h.person("member"),
    await h.person("member"),
  ];
  const made = async (path: string, body: object): Promise<string> =>
    String((await h.call("POST", path, { as: owner, body })).body.id);
  const slug = `f-${newId().slice(-12)}`;
  const app = await made("/apps", { slug, name: slug });
  const script = await made("/scripts", { app_id: app, name: "s", source: "1" });
  const route = await made(`/scripts/${script}/routes`, { path: "/x" });
  const account = await made("/service-accounts", { username: `b-${newId().slice(-12)}` });
  const serviceKey = await made(`/service-accounts/${account}/keys`, {
    name: "k",
    scopes: ["log:read"],
  });
  await h.call("POST", `/apps/${app}/members`, {
    as: owner,
    body: { user_id: member.id, role: "editor" },
  });
  const key = await h.key(owner, ["app:admin", "instance:admin"]);
  const targetKey = await h.key(owner, ["log:read"]);
  const values = [app, slug, script, route, account, serviceKey, target.id, other.id, targetKey.id];
  return {
    // The owner most often: what is refused early shows little.
    callers: [owner.token, owner.token, owner.token, member.token, key.token, undefined],
    values,
    ids: {
      app,
      user_id: target.id,
      key_id: serviceKey,
      n: "1",
      name: "NAME",
      "id scripts": script,
      "id routes": route,
      "id users": target.id,
      "id service-accounts": account,
      "id api-keys": targetKey.id,
      "id auth": newId(),
      "id apps": newId(),
    },
  };
}

export async function fuzz(
  h: Harness,
  options: { requests: number; seed: number },
): Promise<FuzzReport> {
  const random = randomSource(options.seed);
  const report: FuzzReport = { requests: 0, statuses: {}, passed: new Set(), failures: [] };
  while (report.requests < options.requests) {
    const fuzzer = new Fuzzer(random, await makeWorld(h));
    for (let sent = 0; sent < BATCH && report.requests < options.requests; sent += AT_ONCE) {
      const group = Array.from({ length: AT_ONCE }, (_, index) => {
        // In turn, so that every endpoint gets its share.
        const endpoint = endpoints[(report.requests + index) % endpoints.length];
        if (endpoint === undefined) throw new Error("There is no endpoint");
        return { endpoint, request: fuzzer.request(endpoint) };
      });
      report.requests += group.length;
      await Promise.all(
        group.map(({ endpoint, request }) => sendOne(h, endpoint, request, report)),
      );
    }
  }
  return report;
}

async function sendOne(
  h: Harness,
  endpoint: Endpoint,
  request: Request,
  report: FuzzReport,
): Promise<void> {
  const copy = request.clone();
  const response = await h.fetch(request, `2001:db8::${report.requests % 9999}`);
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) await response.body?.cancel();
  else await response.arrayBuffer();
  const { status } = response;
  report.statuses[status] = (report.statuses[status] ?? 0) + 1;
  if (status < 300) report.passed.add(`${endpoint.method} ${endpoint.path}`);
  const isProblem = status < 400 || type === "application/problem+json";
  if (status < 500 && isProblem && response.headers.get("x-content-type-options") === "nosniff")
    return;
  report.failures.push(
    `${status} ${type} ${copy.method} ${copy.url} ${(await copy.text()).slice(0, 500)}`,
  );
}
