export interface StreamWatch {
  /** Called once: the stream is through, was cancelled, or failed. */
  done(failed: boolean): void;
  /** Server-Sent Events: send a comment when the first event is late. */
  isEvents: boolean;
}

/**
 * Bun sends no headers before the first byte of a stream, and an EventSource that waits to be open may
 * be what its first event waits for. A comment is nothing to its parser.
 */
const FIRST_EVENT_WAIT_MS = 100;
const COMMENT = new TextEncoder().encode(":\n\n");

/**
 * A response stream that says when it is done. It passes chunks on as they are asked for, so that a
 * slow client slows the script down.
 */
export function observedStream(
  source: ReadableStream<Uint8Array>,
  watch: StreamWatch,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let next: ReturnType<typeof reader.read> | undefined;
  let mayComment = watch.isEvents;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          next ??= reader.read();
          if (mayComment) {
            mayComment = false;
            if (await isLate(next)) return controller.enqueue(COMMENT);
          }
          const chunk = await next;
          next = undefined;
          if (!chunk.done) return controller.enqueue(chunk.value);
        } catch {
          watch.done(true);
          // Without a reason: Bun cuts the connection for any, and prints the ones it is given.
          return controller.error();
        }
        watch.done(false);
        controller.close();
      },
      async cancel(reason) {
        watch.done(false);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

async function isLate(first: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(true), FIRST_EVENT_WAIT_MS);
  try {
    return await Promise.race([first.then(() => false), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
