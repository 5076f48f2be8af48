import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { endpoints } from "../../../src/manager/http/endpoints.ts";
import type { Endpoint } from "../../../src/manager/http/endpoint.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";

let h: Harness;
let ids: string[];
beforeAll(async () => {
  h = await createHarness();
  const app = await h.app();
  const script = await h.script(app.id);
  const { body: route } = await h.call("POST", `/scripts/${script.id}/routes`, {
    as: h.owner,
    body: { path: "/x" },
  });
  ids = [app.id, app.slug, script.id, route.id, h.owner.id];
});
afterAll(() => h.close());

const NAMES = [
  "app_id",
  "name",
  "source",
  "files",
  "entry",
  "limits",
  "instance",
  "access",
  "expected_version",
  "slug",
  "description",
  "force",
  "host",
  "path",
  "method",
  "path_kind",
  "host_kind",
  "host_param_name",
  "url",
  "value",
  "secret",
  "allow",
  "deny",
  "username",
  "password",
  "email",
  "instance_role",
  "is_active",
  "user_id",
  "role",
  "scopes",
  "expires_at",
  "current_password",
  "new_password",
  "egress",
];
const NASTY = [
  "",
  "\0",
  "\ud800",
  "../..",
  "%00",
  "a".repeat(300),
  "' or 1=1 --",
  "*.example.com",
  "x.example.com",
  "/a",
  "/:id",
  "GET",
  "main.ts",
  "app-slug",
  "ann",
  "a long enough password",
  "a@b",
  "owner",
  "viewer",
  "app:admin",
  "2030-01-01T00:00:00Z",
  "9999999-99-99",
  "__proto__",
];

const leaf = fc.oneof(
  fc.constantFrom<unknown>(...NASTY, null, true, 0, -1, 1, 2 ** 31, 1e308, 1.5),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.nat(4).map((index) => ids[index]),
);
const value = fc.oneof(
  { weight: 5, arbitrary: leaf },
  fc.array(leaf, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom(...NAMES, "main.ts", "memory_mb"), leaf, { maxKeys: 4 }),
);
const body = fc.oneof(
  { weight: 8, arbitrary: fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 7 }) },
  fc.jsonValue(),
);
const segment = fc.oneof(
  fc.constantFrom(...NASTY, "NAME", "1", "999999999999"),
  fc.nat(4).map((index) => ids[index] ?? ""),
  fc.string({ unit: "binary", maxLength: 10 }),
);
const query = fc.dictionary(
  fc.constantFrom(
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
    "script_id",
  ),
  segment,
  { maxKeys: 3 },
);

const encode = (text: string) => encodeURIComponent(text.toWellFormed());
/** A stream answers for ever, and ending one's own session would end the test. */
const walked = endpoints.filter(
  ({ path, method }) =>
    !path.includes(":stream") &&
    !path.startsWith("/auth/log") &&
    !(method === "delete" && path.startsWith("/users")),
);

const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`;

function byName(name: string): Endpoint {
  const found = walked.find((endpoint) => nameOf(endpoint) === name);
  if (found === undefined) throw new Error(`There is no endpoint ${name}`);
  return found;
}

describe("a mutated request", () => {
  test("by an owner is answered, and never with a 500", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...walked.map(nameOf)),
        body,
        fc.array(segment, { minLength: 3, maxLength: 3 }),
        query,
        async (name, sent, segments, asked) => {
          const endpoint = byName(name);
          let next = 0;
          const path = endpoint.path.replace(
            /:(\w+)(\{[^}]*\})?/g,
            (_, name: string, pattern?: string) =>
              pattern === undefined
                ? encode(segments[next++ % 3] ?? "") || "x"
                : `${name === "n" ? "1" : name}:activate`,
          );
          const search = new URLSearchParams(
            Object.entries(asked).map(([key, text]) => [key, text.toWellFormed()]),
          );
          const answer = await h.call(endpoint.method.toUpperCase(), `${path}?${search}`, {
            as: h.owner,
            ...(endpoint.method === "get" || endpoint.method === "delete"
              ? {}
              : { body: JSON.stringify(sent) }),
          });
          expect(answer.status).toBeLessThan(500);
        },
      ),
      { numRuns: 1500 },
    );
  }, 60_000);
});
