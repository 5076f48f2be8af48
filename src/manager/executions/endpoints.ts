import { eq } from "drizzle-orm";
import { requireApp } from "../authz/require.ts";
import { readCredential } from "../authz/tokens.ts";
import { executions } from "../db/tables/executions.ts";
import { inApp, ofScript } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { pageAnswer } from "../http/fields.ts";
import { executionView } from "./execution-view.ts";
import { executionQuery, listExecutions } from "./list-executions.ts";
import { metricsQuery, metricsView, readMetrics } from "./metrics.ts";
import { streamExecutions } from "./stream-executions.ts";

export const executionEndpoints = [
  endpoint({
    method: "get",
    path: "/scripts/:id/logs",
    summary: "The executions of a script, newest first",
    access: ofScript("AppLogRead"),
    query: executionQuery,
    status: 200,
    answer: pageAnswer(executionView),
    handle: async ({ ctx, target, query }) =>
      await listExecutions(ctx, eq(executions.scriptId, target.script.id), query),
  }),
  endpoint({
    method: "get",
    path: "/apps/:app/logs",
    summary: "The executions of an app, newest first",
    access: inApp("AppLogRead"),
    query: executionQuery,
    status: 200,
    answer: pageAnswer(executionView),
    handle: async ({ ctx, target, query }) =>
      await listExecutions(ctx, eq(executions.appId, target.app.id), query),
  }),
  endpoint({
    method: "get",
    path: "/apps/:app/logs:stream",
    summary: "The executions of an app as they are written, as Server-Sent Events",
    access: inApp("AppLogRead"),
    status: 200,
    handle: async ({ ctx, target, request }) =>
      await streamExecutions(ctx, {
        appId: target.app.id,
        lastEventId: request.headers.get("last-event-id"),
        signal: request.signal,
        stillAllowed: async () => {
          const found = readCredential(request.headers);
          const principal =
            found === null ? null : await ctx.deps.credentials.resolve(found.credential);
          if (principal === null) return false;
          return await requireApp({ ...ctx, principal }, target.app.id, "AppLogRead").then(
            () => true,
            () => false,
          );
        },
      }),
  }),
  endpoint({
    method: "get",
    path: "/apps/:app/metrics",
    summary: "Counts, durations and CPU of an app's executions over time",
    access: inApp("AppLogRead"),
    query: metricsQuery,
    status: 200,
    answer: metricsView,
    handle: async ({ ctx, target, query }) => await readMetrics(ctx, target.app.id, query),
  }),
];
