/**
 * Records and counts of executions. No foreign keys: a batch must not fail because one of its
 * scripts was deleted while it ran.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import type {
  ExecError,
  ExecutionLog,
  LogLine,
  ScriptPrincipal,
} from "../../../shared/execution.ts";
import { instant } from "./columns.ts";

export const executions = pgTable(
  "executions",
  {
    id: uuid("id").primaryKey(),
    appId: uuid("app_id").notNull(),
    scriptId: uuid("script_id").notNull(),
    version: integer("version").notNull(),
    invocationType: text("invocation_type").notNull(),
    outcome: text("outcome").notNull(),
    status: integer("status"),
    method: text("method").notNull(),
    path: text("path").notNull(),
    startedAt: instant("started_at").notNull(),
    durationMs: doublePrecision("duration_ms").notNull(),
    cpuMs: doublePrecision("cpu_ms").notNull(),
    memoryPeakBytes: bigint("memory_peak_bytes", { mode: "number" }).notNull(),
    principal: jsonb("principal").$type<ScriptPrincipal>(),
    rootExecutionId: uuid("root_execution_id").notNull(),
    triggerDepth: integer("trigger_depth").notNull(),
    requestId: text("request_id").notNull(),
    request: jsonb("request").$type<ExecutionLog["request"]>().notNull(),
    response: jsonb("response").$type<NonNullable<ExecutionLog["response"]>>(),
    error: jsonb("error").$type<ExecError>(),
    logs: jsonb("logs").$type<LogLine[]>().notNull(),
    logsDropped: integer("logs_dropped").notNull().default(0),
    /** Grows in the order of writing, which ids (made at the start of a run) do not. */
    seq: bigint("seq", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
  },
  (table) => [
    index("executions_app_id_id").on(table.appId, table.id),
    index("executions_script_id_id").on(table.scriptId, table.id),
    index("executions_app_id_seq").on(table.appId, table.seq),
    index("executions_root_execution_id")
      .on(table.rootExecutionId)
      .where(sql`root_execution_id <> id`),
  ],
);

/** Every execution, also those without a record. Each process owns its rows, so that a repeated write changes nothing. */
export const executionCounts = pgTable(
  "execution_counts",
  {
    appId: uuid("app_id").notNull(),
    scriptId: uuid("script_id").notNull(),
    /** Start of a span of 10 seconds. */
    at: instant("at").notNull(),
    writer: uuid("writer").notNull(),
    byOutcome: jsonb("by_outcome").$type<Record<string, number>>().notNull(),
    cpuMs: doublePrecision("cpu_ms").notNull(),
    /** Executions by step of a logarithmic scale of durations. */
    durations: integer("durations").array().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.appId, table.at, table.scriptId, table.writer] }),
    index("execution_counts_at").on(table.at),
  ],
);
