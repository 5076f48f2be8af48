/** How the embedded PostgreSQL is set up: for a small board, one client machine and an SD card. */
import { accessSync, constants } from "node:fs";

export type PostgresSettings = Readonly<Record<string, string>>;

const SETTINGS: PostgresSettings = {
  listen_addresses: "",
  max_connections: "60",
  shared_buffers: "16MB",
  work_mem: "2MB",
  maintenance_work_mem: "32MB",
  huge_pages: "off",
  io_method: "sync",
  jit: "off",
  max_worker_processes: "2",
  max_parallel_workers_per_gather: "0",
  max_parallel_workers: "0",
  max_logical_replication_workers: "0",
  // One machine: no replica reads the log, so it carries only what a crash needs.
  wal_level: "minimal",
  max_wal_senders: "0",
  wal_compression: "on",
  min_wal_size: "32MB",
  max_wal_size: "256MB",
  // An SD card wears by writes: checkpoints are rare, and nothing wakes up to find nothing to do.
  checkpoint_timeout: "15min",
  // Commits that do not wait (execution records) are on disk after three of these at most.
  wal_writer_delay: "1s",
  bgwriter_delay: "10s",
  autovacuum_max_workers: "1",
  autovacuum_naptime: "2min",
  log_checkpoints: "off",
  // What a client did wrong is told to the client; statements and rows never reach the log.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_line_prefix: "",
  log_timezone: "UTC",
  timezone: "UTC",
  // A client that vanished without closing must not hold its locks for ever.
  idle_in_transaction_session_timeout: "60s",
};

/** As arguments: `-c name=value` each. They win over postgresql.conf, so an upgrade can change them. */
export function settingArguments(extra: PostgresSettings = {}): string[] {
  const all = { ...SETTINGS, ...sharedMemory(), ...extra };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Some containers have no usable /dev/shm. */
function sharedMemory(): PostgresSettings {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return {};
  } catch {
    return { dynamic_shared_memory_type: "mmap" };
  }
}
