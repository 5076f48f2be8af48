/** The control plane as one Hono app. It answers below `/api`; everything else is the server's. */
import { Hono } from "hono";
import type { AppError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import type { ManagerDeps } from "../context.ts";
import { describeProblem, notFound, problem } from "../problems.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { openApiDocument } from "./openapi.ts";
import { asAppError, PROBLEM_TYPES, problemResponse } from "./problem-response.ts";
import { runEndpoint } from "./run-endpoint.ts";
import type { ControlPlaneEnv } from "./run-endpoint.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

export const API_PREFIX = "/api/v1/admin";

/**
 * @param more endpoints of other areas (KV, queues, crons ...), which the server joins
 */
export function createControlPlane(
  deps: ManagerDeps,
  more: readonly Endpoint[] = [],
): Hono<ControlPlaneEnv> {
  const app = new Hono<ControlPlaneEnv>();
  const all = [...endpoints, ...more];
  app.use(async (c, next) => {
    c.set("requestId", newId());
    await next();
    for (const [name, value] of SECURITY_HEADERS) c.res.headers.set(name, value);
    c.res.headers.set("x-request-id", c.get("requestId"));
  });
  for (const endpoint of all) {
    app.on(endpoint.method, API_PREFIX + endpoint.path, (c) =>
      deps.database.stalls.guard(() => runEndpoint(deps, endpoint, c)),
    );
  }
  refuseOtherMethods(app, all);
  app.get("/api/v1/openapi.json", (c) => c.json(openApiDocument(all)));
  app.get(`${PROBLEM_TYPES}/:code`, (c) => c.json(describeProblem(c.req.param("code"))));
  app.notFound((c) => answerProblem(deps, notFound(), c.get("requestId")));
  app.onError((error, c) => answerProblem(deps, asAppError(error), c.get("requestId")));
  return app;
}

function refuseOtherMethods(app: Hono<ControlPlaneEnv>, all: readonly Endpoint[]): void {
  for (const [path, methods] of Map.groupBy(all, ({ path }) => path)) {
    const allow = methods.map(({ method }) => method.toUpperCase()).join(", ");
    app.all(API_PREFIX + path, () => {
      throw problem("method_not_allowed", `This path takes ${allow}`, { headers: { allow } });
    });
  }
}

function answerProblem(deps: ManagerDeps, error: AppError, requestId: string): Response {
  if (error.status >= 500) {
    const cause =
      error.cause instanceof Error ? (error.cause.stack ?? String(error.cause)) : error.internal;
    deps.logger.error("A control plane request failed", {
      request_id: requestId,
      code: error.code,
      cause,
    });
  }
  return problemResponse(error, requestId);
}
