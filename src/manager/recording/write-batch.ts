/** Writes records and counts. Repeating a write that may have succeeded changes nothing. */
import { sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { trimmed } from "../executions/durations.ts";
import type { SpanCount } from "./counts.ts";

const COLUMNS = sql.raw(
  "id, app_id, script_id, version, invocation_type, outcome, status, method, path, started_at, duration_ms, cpu_ms, " +
    "memory_peak_bytes, principal, root_execution_id, trigger_depth, request_id, request, response, error, logs, logs_dropped",
);

export interface Batch {
  /** One JSON object each. */
  records: readonly string[];
  counts: readonly SpanCount[];
  /** This process, for its own rows of counts. */
  writer: string;
}

/** Records may be lost in a power cut, within three `wal_writer_delay` of their writing: nothing waits for the disk. */
export async function writeBatch(db: PostgresJsDatabase, batch: Batch): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local synchronous_commit = off`);
    if (batch.records.length > 0) {
      const rows = `[${batch.records.join(",")}]`;
      await tx.execute(sql`
        insert into executions (${COLUMNS})
        select ${COLUMNS} from json_populate_recordset(null::executions, ${rows}::json)
        on conflict (id) do nothing`);
    }
    if (batch.counts.length > 0) {
      const rows = JSON.stringify(batch.counts.map((count) => countRow(count, batch.writer)));
      await tx.execute(sql`
        insert into execution_counts (app_id, script_id, at, writer, by_outcome, cpu_ms, durations)
        select app_id, script_id, at, writer, by_outcome, cpu_ms, durations
        from json_populate_recordset(null::execution_counts, ${rows}::json)
        on conflict (app_id, at, script_id, writer) do update
        set by_outcome = excluded.by_outcome, cpu_ms = excluded.cpu_ms, durations = excluded.durations`);
    }
  });
}

function countRow(count: SpanCount, writer: string) {
  return {
    app_id: count.appId,
    script_id: count.scriptId,
    at: new Date(count.atMs).toISOString(),
    writer,
    by_outcome: count.byOutcome,
    cpu_ms: count.cpuMs,
    durations: trimmed(count.durations),
  };
}
