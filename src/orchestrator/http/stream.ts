/** A response stream that tells when it fails: then the client sees only that the end is missing. */
export function observedStream(
  source: ReadableStream<Uint8Array>,
  failed: () => void,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch {
          failed();
          controller.error(new Error("The response stream failed"));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
