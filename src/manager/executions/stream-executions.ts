/** An app's executions as Server-Sent Events, in the order in which they were written. */
import { and, asc, eq, gt, max } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import type { CallerContext } from "../context.ts";
import { executions } from "../db/tables/executions.ts";
import type { ChangeKind } from "../publish/changes.ts";
import { viewExecution } from "./execution-view.ts";

/** Writes of other processes are found this often. */
const LOOK_EVERY_MS = 1000;
/** The right is asked again, also when no event told of its end, and a comment keeps proxies from closing the line. */
const CHECK_EVERY_MS = 5000;
const BATCH = 100;
/** Changes after which a caller may have lost the right. */
const RIGHTS: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  "user",
  "session",
  "api_key",
  "member",
  "routing",
]);

export interface StreamOptions {
  appId: string;
  lastEventId: string | null;
  signal: AbortSignal;
  /** False when the caller's right has ended; asked now and then. */
  stillAllowed(): Promise<boolean>;
}

export async function streamExecutions(
  ctx: CallerContext,
  options: StreamOptions,
): Promise<Response> {
  const from = await startingPoint(ctx, options);
  const stop = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      void follow(
        ctx,
        { ...options, signal: AbortSignal.any([stop.signal, options.signal]) },
        from,
        (text) => controller.enqueue(encoder.encode(text)),
      )
        // The client comes back with Last-Event-ID, so an error needs no other answer than the end.
        .catch((error: unknown) =>
          ctx.deps.logger.warn("A log stream ended", { error: String(error) }),
        )
        .finally(() => {
          if (!stop.signal.aborted) controller.close();
        });
    },
    cancel: () => stop.abort(),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
  });
}

/** After the event that was seen last, if it is still there; else from now on. */
async function startingPoint(
  ctx: CallerContext,
  { appId, lastEventId }: StreamOptions,
): Promise<number> {
  const { db } = ctx.deps.database;
  if (lastEventId !== null && isId(lastEventId)) {
    const [seen] = await db
      .select({ seq: executions.seq })
      .from(executions)
      .where(and(eq(executions.appId, appId), eq(executions.id, lastEventId)));
    if (seen !== undefined) return seen.seq;
  }
  const [row] = await db
    .select({ seq: max(executions.seq) })
    .from(executions)
    .where(eq(executions.appId, appId));
  return row?.seq ?? 0;
}

async function follow(
  ctx: CallerContext,
  options: StreamOptions,
  from: number,
  send: (text: string) => void,
): Promise<void> {
  const { signal, appId } = options;
  const waiter = wakeable(signal);
  let seq = from;
  let checkAt = performance.now() + CHECK_EVERY_MS;
  const unsubscribe = ctx.deps.feed.subscribe(appId, waiter.wake);
  const unwatch = ctx.deps.publisher.onChange((changes) => {
    if (changes?.every(({ kind }) => !RIGHTS.has(kind)) === true) return;
    checkAt = 0;
    waiter.wake();
  });
  try {
    send(": open\n\n");
    while (!signal.aborted) {
      const rows = await ctx.deps.database.db
        .select()
        .from(executions)
        .where(and(eq(executions.appId, appId), gt(executions.seq, seq)))
        .orderBy(asc(executions.seq))
        .limit(BATCH);
      for (const row of rows) {
        send(`id: ${row.id}\nevent: execution\ndata: ${JSON.stringify(viewExecution(row))}\n\n`);
        seq = row.seq;
      }
      if (performance.now() >= checkAt) {
        if (!(await options.stillAllowed())) return;
        send(": alive\n\n");
        checkAt = performance.now() + CHECK_EVERY_MS;
      }
      if (rows.length < BATCH) await waiter.wait(LOOK_EVERY_MS);
    }
  } finally {
    unsubscribe();
    unwatch();
  }
}

/** A wake that comes while nobody waits is not lost. */
function wakeable(signal: AbortSignal): { wake: () => void; wait: (ms: number) => Promise<void> } {
  let pending = false;
  let resume: (() => void) | undefined;
  const wake = () => {
    pending = true;
    resume?.();
  };
  signal.addEventListener("abort", wake);
  return {
    wake,
    wait: async (ms) => {
      if (!pending) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        resume = resolve;
        await promise;
        clearTimeout(timer);
        resume = undefined;
      }
      pending = false;
    },
  };
}
