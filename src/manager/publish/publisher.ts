/**
 * Keeps this process's memory in step with the database: tables for routing, live scripts, and
 * whoever else subscribes. Every step reads the log of changes from the last revision on, so a lost
 * event is repaired by the next one, and by each reconnection.
 */
import type { ScriptResolver } from "../../shared/execution.ts";
import type { Logger } from "../../shared/logger.ts";
import type { RoutingSource } from "../../shared/routing.ts";
import type { Queryable } from "../db/connect.ts";
import { changesSince, currentRevision } from "./change-log.ts";
import type { Change, ChangeKind } from "./changes.ts";
import { listenForChanges } from "./listener.ts";
import type { Listener } from "./listener.ts";
import { RoutingState } from "./routing-state.ts";
import { ScriptCache } from "./script-cache.ts";
import type { ScriptCacheOptions } from "./script-cache.ts";

export interface PublisherOptions extends Omit<ScriptCacheOptions, "db"> {
  db: Queryable;
  /** For the listening connection. */
  url: string;
  logger: Logger;
  /** How often the revision is looked at beside the events. */
  lookEveryMs?: number;
}

/** Null stands for "anything may have changed". */
export type ChangeListener = (changes: readonly Change[] | null) => void;

export interface Publisher {
  readonly routingTables: RoutingSource & Pick<RoutingState, "narrowedTo" | "narrowedToApp">;
  readonly scripts: ScriptResolver;
  /** Resolves when this process works with `revision` or a later one. Never rejects: what fails is repaired by the next event. */
  catchUp(revision: number): Promise<void>;
  onChange(listener: ChangeListener): () => void;
  /** False while the connection for events is down. */
  isConnected(): boolean;
  close(): Promise<void>;
}

/** Loads everything once, then listens. Rejects when the first load fails. */
export async function createPublisher(options: PublisherOptions): Promise<Publisher> {
  const publisher = new DatabasePublisher(options);
  await publisher.start();
  return publisher;
}

const idsOf = (
  changes: readonly Change[],
  kind: ChangeKind,
  field: "appId" | "rowId",
): Set<string> =>
  new Set(changes.flatMap((change) => (change.kind === kind ? (change[field] ?? []) : [])));

const WARM_WAIT_MS = 1_000;

class DatabasePublisher implements Publisher {
  readonly routingTables = new RoutingState();
  readonly scripts: ScriptCache;
  readonly #options: PublisherOptions;
  readonly #listeners = new Set<ChangeListener>();
  #revision = -1;
  #connected = false;
  #warmedOnce = false;
  #listener: Listener | undefined;
  /** One catch-up at a time, in order. */
  #tail: Promise<void> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.scripts = new ScriptCache(options);
  }

  async start(): Promise<void> {
    const { db, url, logger, lookEveryMs } = this.#options;
    await this.#loadAll(await currentRevision(db));
    this.#listener = listenForChanges({
      url,
      ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
      onEvent: (revision) => {
        this.#connected = true;
        void this.#enqueue(revision ?? undefined);
        if (revision === null && this.#warmedOnce) void this.#warm();
      },
      onLost: (error) => {
        if (this.#connected)
          logger.warn("Lost the connection for change events; retrying", { error: String(error) });
        this.#connected = false;
      },
      onClosed: () => {
        this.#connected = false;
      },
    });
    // A start waits a moment for it, so that a small installation is served from memory from the first request on.
    await Promise.race([this.#warm(), Bun.sleep(WARM_WAIT_MS)]);
    this.#warmedOnce = true;
  }

  /** Makes the next outage harmless. What fails is done again with the next connection. */
  async #warm(): Promise<void> {
    try {
      await this.scripts.warm();
    } catch (error) {
      this.#options.logger.warn("Cannot read scripts ahead", { error: String(error) });
    }
  }

  isConnected(): boolean {
    return this.#connected;
  }

  async catchUp(revision: number): Promise<void> {
    if (revision > this.#revision) await this.#enqueue(revision);
  }

  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    await this.#tail;
  }

  /** Without a revision: look whatever there is. */
  #enqueue(revision?: number): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      if (revision !== undefined && revision <= this.#revision) return;
      try {
        await this.#advance();
      } catch (error) {
        this.#options.logger.warn(
          "Cannot read changes; the next event or reconnection repairs it",
          { error: String(error) },
        );
      }
    });
    return this.#tail;
  }

  async #advance(): Promise<void> {
    const { revision, changes } = await changesSince(this.#options.db, this.#revision);
    if (changes === null) return await this.#loadAll(revision);
    if (changes.length === 0) return;
    await this.scripts.refreshApps(idsOf(changes, "env", "appId"));
    await this.scripts.refresh(idsOf(changes, "script", "rowId"));
    await this.routingTables.reload(this.#options.db, revision, idsOf(changes, "routing", "appId"));
    this.#revision = revision;
    this.#tell(changes);
  }

  async #loadAll(revision: number): Promise<void> {
    await this.scripts.loadAll();
    await this.routingTables.loadAll(this.#options.db, revision);
    this.#revision = revision;
    this.#tell(null);
    if (this.#listener !== undefined) void this.#warm();
  }

  #tell(changes: readonly Change[] | null): void {
    for (const listener of this.#listeners) listener(changes);
  }
}
