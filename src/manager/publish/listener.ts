/** Keeps a LISTEN alive: reconnects for ever, and says each time that events may have been missed. */
import { openDriver } from "../db/connect.ts";
import { CHANNEL } from "./changes.ts";

export interface ListenerOptions {
  url: string;
  /** The newest revision, or null after (re)connecting. */
  onEvent(revision: number | null): void;
  /** A try to connect failed. */
  onLost(error: unknown): void;
  /** The connection ended. */
  onClosed(): void;
  lookEveryMs?: number;
}

export interface Listener {
  close(): Promise<void>;
}

/** So often the revision is asked over the listening connection: a half-open one is found, and a lost event repaired. */
const LOOK_EVERY_MS = 60_000;
const LOOK_MS_MAX = 10_000;
const RETRY_MS = 250;
const RETRY_MAX_MS = 2000;

/** A connection of its own; opening it again is ours, because the driver's own attempt gives up at the first refusal. */
export function listenForChanges(options: ListenerOptions): Listener {
  const stop = new AbortController();
  const running = run(options, stop.signal);
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

async function run(options: ListenerOptions, stop: AbortSignal): Promise<void> {
  let delayMs = RETRY_MS;
  while (!stop.aborted) {
    try {
      await listenOnce(options, stop, () => {
        delayMs = RETRY_MS;
      });
    } catch (error) {
      options.onLost(error);
    }
    if (stop.aborted) return;
    await pause(delayMs, stop);
    delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
  }
}

/** Resolves or rejects when the connection is gone. */
async function listenOnce(
  options: ListenerOptions,
  stop: AbortSignal,
  onReady: () => void,
): Promise<void> {
  const gone = Promise.withResolvers<void>();
  const onnotify = (channel: string, payload: string) => {
    if (channel === CHANNEL) options.onEvent(Number(payload));
  };
  const onclose = () => gone.resolve();
  // The driver takes `onnotify`; its types leave it out, so it cannot stand in a typed literal.
  const events = { onclose, onnotify, idle_timeout: 0, max_lifetime: 0 };
  const sql = openDriver(options.url, 1, events);
  const quit = () => gone.resolve();
  stop.addEventListener("abort", quit, { once: true });
  const look = setInterval(() => {
    const late = setTimeout(quit, LOOK_MS_MAX);
    sql`select revision from routing_revision`
      .then(([row]) => options.onEvent(Number(row?.["revision"])), quit)
      .finally(() => clearTimeout(late));
  }, options.lookEveryMs ?? LOOK_EVERY_MS);
  try {
    await sql.unsafe(`listen ${CHANNEL}`);
    onReady();
    options.onEvent(null);
    await gone.promise;
    options.onClosed();
  } finally {
    clearInterval(look);
    stop.removeEventListener("abort", quit);
    await sql.end({ timeout: 0 });
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  stop.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}
