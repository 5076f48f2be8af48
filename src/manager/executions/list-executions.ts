import { and, desc, eq, gte, lt, lte } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import * as v from "valibot";
import { isId } from "../../shared/ids.ts";
import { OUTCOMES } from "../../shared/outcome.ts";
import type { CallerContext } from "../context.ts";
import { executions } from "../db/tables/executions.ts";
import { instant } from "../http/fields.ts";
import { pageOf, pageQuery, readPage } from "../http/pagination.ts";
import { viewExecution } from "./execution-view.ts";

export const executionQuery = v.object({
  ...pageQuery,
  outcome: v.optional(v.picklist(OUTCOMES, `Must be one of ${OUTCOMES.join(", ")}`)),
  since: v.optional(instant),
  until: v.optional(instant),
  root_execution_id: v.optional(v.pipe(v.string(), v.check(isId, "Must be an execution's id"))),
});

/** Newest first. */
export async function listExecutions(
  ctx: CallerContext,
  scope: SQL,
  query: v.InferOutput<typeof executionQuery>,
) {
  const page = readPage(query);
  const rows = await ctx.deps.database.db
    .select()
    .from(executions)
    .where(
      and(
        scope,
        page.before === undefined ? undefined : lt(executions.id, page.before),
        query.outcome === undefined ? undefined : eq(executions.outcome, query.outcome),
        query.since === undefined ? undefined : gte(executions.startedAt, query.since),
        query.until === undefined ? undefined : lte(executions.startedAt, query.until),
        query.root_execution_id === undefined
          ? undefined
          : eq(executions.rootExecutionId, query.root_execution_id),
      ),
    )
    .orderBy(desc(executions.id))
    .limit(page.limit + 1);
  return pageOf(rows, page.limit, ({ id }) => id, viewExecution);
}
