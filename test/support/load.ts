/** Requests one after another on several lines, for as long as something else happens. */
export interface Load<Result> {
  results: Result[];
  /** Lets the running ones end. */
  stop(): Promise<Result[]>;
}

/** At most `max` requests in all, so that a test that never stops it ends. */
export function keepAsking<Result>(
  ask: () => Promise<Result>,
  { lines = 8, max = 50_000 }: { lines?: number; max?: number } = {},
): Load<Result> {
  const results: Result[] = [];
  const stop = new AbortController();
  const line = async () => {
    while (!stop.signal.aborted && results.length < max) results.push(await ask());
  };
  const running = Promise.all(Array.from({ length: lines }, line));
  return {
    results,
    stop: async () => {
      stop.abort();
      await running;
      return results;
    },
  };
}
