/** The OpenAPI 3.1 document, from the very schemas that requests are checked with. */
import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { PROBLEMS } from "../problems.ts";
import type { ProblemCode } from "../problems.ts";
import type { Endpoint } from "./endpoint.ts";

const PREFIX = "/api/v1/admin";
const PROBLEM_REF = { $ref: "#/components/schemas/Problem" };

export function openApiDocument(endpoints: readonly Endpoint[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const path = PREFIX + documentedPath(endpoint.path);
    paths[path] = { ...paths[path], [endpoint.method]: operation(endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "PiCloud", version: "1", description: "The control plane of PiCloud" },
    paths: { ...openPaths(), ...paths },
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A session token (pcs_) or an API key (pic_)",
        },
        cookie: { type: "apiKey", in: "cookie", name: "picloud_session" },
      },
    },
  };
}

/** `/:id/:n{[0-9]+:activate}` is `/{id}/{n}:activate`. */
export function documentedPath(path: string): string {
  return path.replace(/:(\w+)\{[^}]*?(:\w+)?\}/g, "{$1}$2").replace(/\/:(\w+)/g, "/{$1}");
}

function operation(endpoint: Endpoint): Record<string, unknown> {
  const parameters = [...pathParameters(endpoint.path), ...queryParameters(endpoint.query)];
  return {
    summary: endpoint.summary,
    operationId: operationId(endpoint),
    tags: [endpoint.path.split("/")[1]?.split(":")[0]],
    "x-picloud-needs": endpoint.access.needs,
    "x-picloud-by": endpoint.access.by,
    ...(endpoint.access.needs === "open"
      ? { security: [] }
      : { security: [{ bearer: [] }, { cookie: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: schemaOf(endpoint.body, "input") } },
          },
        }),
    responses: { [endpoint.status]: success(endpoint), ...problemResponses(endpoint) },
  };
}

const operationId = ({ method, path }: Endpoint): string =>
  method +
  documentedPath(path)
    .split(/[/:{}.-]+/)
    .filter((part) => part !== "")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

function pathParameters(path: string): unknown[] {
  return [...documentedPath(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: v.GenericSchema | undefined): unknown[] {
  if (query === undefined) return [];
  const { properties = {} } = schemaOf(query, "input") as { properties?: Record<string, unknown> };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema,
  }));
}

function success(endpoint: Endpoint): Record<string, unknown> {
  if (endpoint.answer === undefined)
    return { description: endpoint.status === 204 ? "Done" : "OK" };
  return {
    description: "OK",
    content: { "application/json": { schema: schemaOf(endpoint.answer, "output") } },
  };
}

function problemResponses(endpoint: Endpoint): Record<string, unknown> {
  const common: ProblemCode[] = endpoint.access.needs === "open" ? [] : ["unauthenticated"];
  if (endpoint.access.needs !== "open" && endpoint.access.needs !== "caller")
    common.push("forbidden");
  if (endpoint.path.includes(":") || endpoint.access.by === "body") common.push("not_found");
  if (endpoint.body !== undefined)
    common.push(
      "invalid_json",
      "unsupported_media_type",
      "body_too_large",
      "invalid",
      "unknown_field",
    );
  if (endpoint.query !== undefined) common.push("invalid");
  if (endpoint.method !== "get") common.push("origin_mismatch");
  common.push("database_unavailable");
  const codes = [...new Set([...common, ...endpoint.problems])].toSorted();
  return Object.fromEntries(
    [...Map.groupBy(codes, (code) => PROBLEMS[code].status)].map(([status, group]) => [
      status,
      {
        description: group.join(", "),
        content: { "application/problem+json": { schema: PROBLEM_REF } },
      },
    ]),
  );
}

function schemaOf(schema: v.GenericSchema, typeMode: "input" | "output"): Record<string, unknown> {
  // What a check or a transformation does cannot be said in JSON Schema; the rest of the schema still holds.
  const { $schema: _, ...json } = toJsonSchema(schema, { errorMode: "ignore", typeMode });
  return json;
}

const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "request_id"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string" },
    request_id: { type: "string" },
  },
};

/** What is answered outside of the control plane's endpoints. */
function openPaths(): Record<string, unknown> {
  const text = (description: string) => ({
    description,
    content: { "text/plain": { schema: { type: "string" } } },
  });
  const json = (description: string) => ({
    description,
    content: { "application/json": { schema: { type: "object" } } },
  });
  const get = (summary: string, responses: Record<string, unknown>) => ({
    get: { summary, security: [], responses },
  });
  const run = {
    summary: "Run the live version of a script",
    security: [],
    responses: { default: { description: "What the script answers" } },
  };
  const parameter = (name: string) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  });
  const id = parameter("script_id");
  const code = parameter("code");
  return {
    "/healthz": get("The process serves", { 200: text("ok") }),
    "/readyz": get("All parts are ready", { 200: json("Ready"), 503: json("Not ready") }),
    "/version": get("Versions of the surfaces", { 200: json("Versions") }),
    "/metrics": get("Prometheus metrics", { 200: text("Metrics") }),
    "/api/v1/problems/{code}": {
      parameters: [code],
      ...get("What a problem's type stands for", { 200: json("Its status and title") }),
    },
    "/api/v1/openapi.json": get("This document", { 200: json("OpenAPI 3.1") }),
    "/api/v1/execute/{script_id}": {
      parameters: [id],
      get: run,
      post: run,
      put: run,
      patch: run,
      delete: run,
    },
  };
}
