/** What the contract checks share: a tenant of a test's own on a running instance, and calls as anyone. */
import { connect } from "node:net";
import { expect } from "bun:test";
import { eventually, type Instance, startInstance } from "./instance.ts";

export interface Row {
  id: string;
  [field: string]: unknown;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are compared, never relied on
  body: any;
}

export interface Tenant {
  id: string;
  slug: string;
  host: string;
}

export interface Person {
  id: string;
  username: string;
  token: string;
}

export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u;
export const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/u;
export const PASSWORD = "a long enough passphrase 1";

export class Lab {
  readonly cloud: Instance;
  owner = "";
  #made = 0;

  private constructor(cloud: Instance) {
    this.cloud = cloud;
  }

  static async start(env: Record<string, string> = {}): Promise<Lab> {
    const lab = new Lab(await startInstance({ env }));
    const { OWNER } = await import("./instance.ts");
    const login = await lab.call("", "POST", "/auth/login", OWNER);
    lab.owner = login.body.token;
    return lab;
  }

  name(prefix = "n"): string {
    return `${prefix}-${++this.#made}`;
  }

  /** A control-plane call by whoever holds `token` ("" is nobody). */
  call(token: string, method: string, path: string, body?: unknown): Promise<Reply> {
    return this.raw(method, `/api/v1/admin${path}`, {
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** As the owner. */
  api(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.call(this.owner, method, path, body);
  }

  async raw(method: string, path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(`${this.cloud.url}${path}`, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(15_000),
      ...init,
    });
    const text = await response.text();
    let body: unknown = null;
    try {
      body = JSON.parse(text);
    } catch {
      // Not every answer is JSON.
    }
    return { status: response.status, headers: response.headers, text, body };
  }

  async ask(host: string, path: string, init: RequestInit = {}): Promise<Reply> {
    const headers = new Headers(init.headers);
    headers.set("host", host);
    return this.raw(init.method ?? "GET", path, { ...init, headers });
  }

  async tenant(): Promise<Tenant> {
    const slug = this.name("app");
    const host = `${slug}.example.com`;
    const app = await this.api("POST", "/apps", { slug, name: slug });
    expect(app.status).toBe(201);
    expect((await this.api("POST", `/apps/${slug}/domains`, { host })).status).toBe(201);
    return { id: app.body.id, slug, host };
  }

  async person(instanceRole = "member"): Promise<Person> {
    const username = this.name("user");
    const user = await this.api("POST", "/users", {
      username,
      password: PASSWORD,
      instance_role: instanceRole,
    });
    expect(user.status).toBe(201);
    const login = await this.call("", "POST", "/auth/login", { username, password: PASSWORD });
    expect(login.status).toBe(200);
    return { id: user.body.id, username, token: login.body.token };
  }

  async member(tenant: Tenant, role: string): Promise<Person> {
    const person = await this.person();
    const added = await this.api("POST", `/apps/${tenant.id}/members`, {
      user_id: person.id,
      role,
    });
    expect(added.status).toBe(201);
    return person;
  }

  async script(tenant: Tenant, source: string, more: Record<string, unknown> = {}): Promise<Row> {
    const script = await this.api("POST", "/scripts", {
      app_id: tenant.id,
      name: this.name("script"),
      ...(more["files"] ? {} : { source }),
      ...more,
    });
    expect(script.status === 201 ? "created" : script.body).toBe("created");
    return script.body;
  }

  /** A tenant with one script at `path`. */
  async deploy(
    source: string,
    path = "/*",
    more: Record<string, unknown> = {},
  ): Promise<Tenant & { script: Row }> {
    const tenant = await this.tenant();
    const script = await this.script(tenant, source, more);
    const route = await this.api("POST", `/scripts/${script.id}/routes`, { path });
    expect(route.status === 201 ? "created" : route.body).toBe("created");
    return { ...tenant, script };
  }

  /** What `source` answers to one GET, as JSON when it is. */
  async run(source: string, path = "/", more: Record<string, unknown> = {}): Promise<Reply> {
    const { host } = await this.deploy(source, "/*", more);
    return this.ask(host, path);
  }

  /** The newest record of a script, once there are `count`. */
  async record(scriptId: string, count = 1): Promise<Row> {
    return eventually(async () => {
      const { body } = await this.api("GET", `/scripts/${scriptId}/logs?limit=200`);
      return body.items.length >= count ? body.items[0] : null;
    });
  }

  /** Sends bytes as they are; gives everything that came until the peer closed or `until` was seen. */
  socket(bytes: string, until?: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      let got = "";
      const socket = connect(this.cloud.port, "127.0.0.1", () => socket.write(bytes, "latin1"));
      socket.setTimeout(5_000, () => {
        socket.destroy();
        resolve(got);
      });
      socket.on("data", (chunk) => {
        got += chunk.toString("latin1");
        if (until?.test(got)) socket.destroy();
      });
      // A reset after bytes is how a broken stream looks; what came counts.
      socket.on("error", (error) => (got === "" ? reject(error) : resolve(got)));
      socket.on("close", () => resolve(got));
    });
  }

  /** A raw request with `Connection: close`. */
  http(method: string, target: string, host: string, headers = "", body = ""): Promise<string> {
    return this.socket(
      `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n${body}`,
    );
  }

  dispose(): Promise<void> {
    return this.cloud.dispose();
  }
}

/** Holds an answer against a problem document with everything that one must have. */
export function expectProblem(
  reply: Reply,
  status: number,
  code: string | RegExp,
  more: Record<string, unknown> = {},
): void {
  expect({ status: reply.status, ...reply.body }).toMatchObject({
    status,
    code: code instanceof RegExp ? expect.stringMatching(code) : code,
    type: expect.any(String),
    title: expect.any(String),
    detail: expect.any(String),
    request_id: expect.any(String),
    ...more,
  });
  expect(reply.headers.get("content-type")).toContain("application/problem+json");
}
