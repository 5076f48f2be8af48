import { and, asc, eq, gte, lte } from "drizzle-orm";
import * as v from "valibot";
import type { CallerContext } from "../context.ts";
import { executionCounts } from "../db/tables/executions.ts";
import { instant } from "../http/fields.ts";
import { problem } from "../problems.ts";
import { addSteps, quantileOf } from "./durations.ts";

const HOUR_MS = 3_600_000;
const STEP_DEFAULT_S = 60;
const ITEMS_MAX = 5000;

export const metricsQuery = v.object({
  since: v.optional(instant),
  until: v.optional(instant),
  step: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[1-9][0-9]{0,6}$/, "Must be a whole number of seconds"),
      v.transform(Number),
    ),
  ),
  script_id: v.optional(v.string()),
});

export const metricsView = v.object({
  items: v.array(
    v.object({
      at: v.string(),
      count: v.number(),
      by_outcome: v.record(v.string(), v.number()),
      duration_p50_ms: v.nullable(v.number()),
      duration_p95_ms: v.nullable(v.number()),
      duration_p99_ms: v.nullable(v.number()),
      cpu_ms: v.number(),
    }),
  ),
  next_cursor: v.null(),
});

interface Step {
  byOutcome: Record<string, number>;
  cpuMs: number;
  durations: number[];
}

/** Steps in which something ran, oldest first; the running one is among them. */
export async function readMetrics(
  ctx: CallerContext,
  appId: string,
  query: v.InferOutput<typeof metricsQuery>,
) {
  const now = ctx.deps.clock.now();
  const stepMs = (query.step ?? STEP_DEFAULT_S) * 1000;
  const until = query.until?.getTime() ?? now;
  const since = query.since?.getTime() ?? until - HOUR_MS;
  if ((until - since) / stepMs > ITEMS_MAX) {
    throw problem(
      "invalid",
      `Ask for at most ${ITEMS_MAX} steps: a longer step or a shorter time`,
      { details: { field: "step" } },
    );
  }
  const rows = await ctx.deps.database.db
    .select()
    .from(executionCounts)
    .where(
      and(
        eq(executionCounts.appId, appId),
        gte(executionCounts.at, new Date(Math.floor(since / stepMs) * stepMs)),
        lte(executionCounts.at, new Date(until)),
      ),
    )
    .orderBy(asc(executionCounts.at));
  const steps = new Map<number, Step>();
  for (const row of rows) {
    if (query.script_id !== undefined && row.scriptId !== query.script_id) continue;
    const at = Math.floor(row.at.getTime() / stepMs) * stepMs;
    const step = steps.get(at) ?? { byOutcome: {}, cpuMs: 0, durations: [] };
    steps.set(at, step);
    for (const [outcome, count] of Object.entries(row.byOutcome)) {
      step.byOutcome[outcome] = (step.byOutcome[outcome] ?? 0) + count;
    }
    step.cpuMs += row.cpuMs;
    addSteps(step.durations, row.durations);
  }
  return { items: [...steps].map(([at, step]) => viewStep(at, step)), next_cursor: null };
}

function viewStep(at: number, { byOutcome, cpuMs, durations }: Step) {
  return {
    at: new Date(at).toISOString(),
    count: Object.values(byOutcome).reduce((sum, count) => sum + count, 0),
    by_outcome: byOutcome,
    duration_p50_ms: quantileOf(durations, 0.5),
    duration_p95_ms: quantileOf(durations, 0.95),
    duration_p99_ms: quantileOf(durations, 0.99),
    cpu_ms: Math.round(cpuMs * 1000) / 1000,
  };
}
