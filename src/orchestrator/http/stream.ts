/**
 * A response stream that says when it is done. It passes chunks on as they are asked for, so that a
 * slow client slows the script down.
 */
export function observedStream(
  source: ReadableStream<Uint8Array>,
  done: (failed: boolean) => void,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let chunk: Awaited<ReturnType<typeof reader.read>>;
        try {
          chunk = await reader.read();
        } catch {
          done(true);
          // Without a reason: Bun cuts the connection for any, and prints the ones it is given.
          controller.error();
          return;
        }
        if (!chunk.done) return controller.enqueue(chunk.value);
        done(false);
        controller.close();
      },
      async cancel(reason) {
        done(false);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
