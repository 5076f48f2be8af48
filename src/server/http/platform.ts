/** Everything on a reserved path: probes, versions, metrics, control plane, dashboard. */
import { Hono } from "hono";
import { problemResponse } from "../../manager/http/problem-response.ts";
import { notFound } from "../../manager/problems.ts";
import { newId } from "../../shared/ids.ts";
import { API_VERSION, PRODUCT_VERSION, SDK_VERSION, WIRE_VERSION } from "../../shared/versions.ts";
import { createDashboard } from "./dashboard.ts";
import type { HostCheck } from "./platform-hosts.ts";
import type { Readiness } from "./readiness.ts";

export interface PlatformDeps {
  /** The Hono app of the manager: everything under /api/v1/admin, and the OpenAPI document. */
  controlPlane: { fetch(request: Request, env?: unknown): Response | Promise<Response> };
  readiness(): Promise<Readiness>;
  metrics: {
    allowed(request: Request, address: string | null): Promise<boolean>;
    render(): string;
  };
  schemaVersion: string;
  publicBaseUrl: string | null;
  /** True where the control plane may be shown. */
  servesControlPlane: HostCheck;
}

/** What the listener knows of a request beyond the request itself. */
export interface RequestSource {
  /** The client's; a trusted proxy's word taken. */
  address: string | null;
  /** As in the Host header, or as a trusted proxy forwarded it. */
  host: string;
}

export function createPlatform(deps: PlatformDeps): Hono<{ Bindings: RequestSource }> {
  const app = new Hono<{ Bindings: RequestSource }>();
  const dashboard = createDashboard();
  const control = (request: Request, source: RequestSource): Response | Promise<Response> =>
    deps.servesControlPlane(source.host) ? deps.controlPlane.fetch(request, source) : unknown();

  app.get(
    "/healthz",
    () =>
      new Response("ok", {
        headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
      }),
  );
  app.get("/readyz", async (c) => {
    const { ready, parts } = await deps.readiness();
    return c.json(parts, ready ? 200 : 503, { "cache-control": "no-store" });
  });
  app.get("/version", (c) => c.json(versions(deps)));
  app.get("/metrics", async (c) => {
    if (!(await deps.metrics.allowed(c.req.raw, c.env.address))) return unknown();
    return c.text(deps.metrics.render(), 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    });
  });
  app.get("/api/v1/openapi.json", (c) => control(c.req.raw, c.env));
  app.all("/api/v1/admin/*", (c) => control(c.req.raw, c.env));
  app.get("/api/v1/problems/*", (c) => control(c.req.raw, c.env));
  app.get("/admin", (c) =>
    deps.servesControlPlane(c.env.host) ? dashboard.fetch(c.req.raw) : unknown(),
  );
  app.get("/admin/*", (c) =>
    deps.servesControlPlane(c.env.host) ? dashboard.fetch(c.req.raw) : unknown(),
  );
  app.notFound(unknown);
  return app;
}

function versions(deps: PlatformDeps): Record<string, string | null> {
  return {
    product: PRODUCT_VERSION,
    sdk: SDK_VERSION,
    api: API_VERSION,
    schema: deps.schemaVersion,
    wire: WIRE_VERSION,
    public_base_url: deps.publicBaseUrl,
  };
}

function unknown(): Response {
  const requestId = newId();
  const response = problemResponse(notFound(), requestId);
  response.headers.set("x-request-id", requestId);
  return response;
}
