/** For the cases of streams. Nothing but the language and the streams themselves. */
export const nameOf = (error: unknown): string =>
  error instanceof Error ? error.name : typeof error === "string" ? `"${error}"` : typeof error;

export const thrown = (run: () => unknown): string => {
  try {
    run();
    return "fine";
  } catch (error) {
    return nameOf(error);
  }
};

/** How a promise ends. */
export const ending = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => (value === undefined ? "fulfilled" : value),
    (error) => `rejected ${nameOf(error)}`,
  );

export const ticks = async (count = 30): Promise<void> => {
  for (let i = 0; i < count; i++) await undefined;
};

export const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);

export async function readAll(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = [];
  const reader = stream.getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    chunks.push(step.value instanceof Uint8Array ? [...step.value] : step.value);
  }
  return chunks;
}

export const of = (...chunks: unknown[]): ReadableStream<unknown> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
