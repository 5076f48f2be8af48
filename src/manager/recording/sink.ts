/** Takes finished executions from the hot path and writes them in batches, behind it. */
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Clock } from "../../shared/clock.ts";
import type { CountedExecution, ExecutionLog, ExecutionLogSink } from "../../shared/execution.ts";
import { newId } from "../../shared/ids.ts";
import type { Logger } from "../../shared/logger.ts";
import { databaseFault } from "../db/faults.ts";
import type { ExecutionFeed } from "../executions/feed.ts";
import { ExecutionCounts } from "./counts.ts";
import { KeepRule } from "./keep-rule.ts";
import { recordText } from "./record-text.ts";
import { writeBatch } from "./write-batch.ts";

export interface SinkOptions {
  db: PostgresJsDatabase;
  clock: Clock;
  logger: Logger;
  feed: ExecutionFeed;
  recordsPerSecond: number;
  /** Bounds of what waits for a database that is away. */
  bufferRecords?: number;
  bufferChars?: number;
  /** From the first record to its writing. */
  flushAfterMs?: number;
}

export interface SinkStats {
  buffered: number;
  written: number;
  /** Records that should have been kept, and were not. */
  dropped: number;
}

export interface RecordingSink extends ExecutionLogSink {
  count(execution: CountedExecution): void;
  stats(): SinkStats;
  /** Writes what waits. Resolves also when the database is away. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Buffered {
  appId: string;
  text: string;
}

const BUFFER_RECORDS = 20_000;
const BUFFER_CHARS = 32 * 1024 * 1024;
const BATCH_RECORDS = 1000;
const FLUSH_AFTER_MS = 200;
const RETRY_AFTER_MS = 1000;

export function createExecutionSink(options: SinkOptions): RecordingSink {
  return new BatchingSink(options);
}

class BatchingSink implements RecordingSink {
  readonly #options: SinkOptions;
  readonly #counts = new ExecutionCounts();
  readonly #keep: KeepRule;
  readonly #writer = newId();
  #buffer: Buffered[] = [];
  #chars = 0;
  #written = 0;
  #dropped = 0;
  #saidDropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<boolean> | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#keep = new KeepRule(options.recordsPerSecond);
  }

  write(log: ExecutionLog): void {
    try {
      const now = this.#options.clock.now();
      this.#counts.add(log, now);
      if (this.#keep.keeps(log, now)) this.#push(log);
      this.#arm(this.#options.flushAfterMs ?? FLUSH_AFTER_MS);
    } catch (error) {
      this.#dropped++;
      this.#options.logger.error("Cannot take an execution record", { error: String(error) });
    }
  }

  count(execution: CountedExecution): void {
    this.#counts.add(execution, this.#options.clock.now());
    this.#arm(this.#options.flushAfterMs ?? FLUSH_AFTER_MS);
  }

  stats(): SinkStats {
    return { buffered: this.#buffer.length, written: this.#written, dropped: this.#dropped };
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
    while (await this.#flushOnce()) if (this.#buffer.length === 0) return;
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }

  #push(log: ExecutionLog): void {
    const { bufferRecords = BUFFER_RECORDS, bufferChars = BUFFER_CHARS } = this.#options;
    if (this.#buffer.length >= bufferRecords || this.#chars >= bufferChars) {
      this.#dropped++;
      return;
    }
    const text = recordText(log);
    this.#buffer.push({ appId: log.appId, text });
    this.#chars += text.length;
  }

  #arm(afterMs: number): void {
    if (this.#timer !== undefined || this.#running !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flushAndRearm();
    }, afterMs);
  }

  async #flushAndRearm(): Promise<void> {
    const wentWell = await this.#flushOnce();
    if (!wentWell) this.#arm(RETRY_AFTER_MS);
    else if (this.#buffer.length > 0)
      this.#arm(this.#buffer.length >= BATCH_RECORDS ? 0 : FLUSH_AFTER_MS);
  }

  /** One batch at a time. False when the database is away. */
  async #flushOnce(): Promise<boolean> {
    this.#running ??= this.#writeNext().finally(() => {
      this.#running = undefined;
    });
    return await this.#running;
  }

  async #writeNext(): Promise<boolean> {
    const { db, logger, feed } = this.#options;
    const records = this.#buffer.slice(0, BATCH_RECORDS);
    const counts = this.#counts.take();
    if (records.length === 0 && counts.length === 0) return true;
    try {
      await writeBatch(db, {
        records: records.map(({ text }) => text),
        counts,
        writer: this.#writer,
      });
      this.#counts.stored(counts);
      this.#remove(records);
      this.#written += records.length;
    } catch (error) {
      this.#counts.putBack(counts);
      if (databaseFault(error)) {
        logger.warn("Cannot write execution records; they wait", {
          waiting: this.#buffer.length,
          error: String(error),
        });
        return false;
      }
      logger.error("Cannot write a batch of execution records; writing them one by one", {
        error: String(error),
      });
      await this.#writeSingly(records);
    }
    feed.written(new Set(records.map(({ appId }) => appId)));
    this.#sayDropped();
    return true;
  }

  /** One bad record must not hold up the others. */
  async #writeSingly(records: readonly Buffered[]): Promise<void> {
    for (const { text } of records) {
      try {
        await writeBatch(this.#options.db, { records: [text], counts: [], writer: this.#writer });
        this.#written++;
      } catch {
        this.#dropped++;
      }
    }
    this.#remove(records);
  }

  #remove(records: readonly Buffered[]): void {
    this.#buffer = this.#buffer.slice(records.length);
    for (const { text } of records) this.#chars -= text.length;
  }

  #sayDropped(): void {
    if (this.#dropped === this.#saidDropped) return;
    this.#options.logger.warn("Execution records were dropped", {
      since_last: this.#dropped - this.#saidDropped,
      total: this.#dropped,
    });
    this.#saidDropped = this.#dropped;
  }
}
