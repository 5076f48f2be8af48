/** How an execution ended. The status each one has over HTTP is decided once, in the orchestrator. */
export const OUTCOMES = [
  "completed",
  "threw",
  "timed_out",
  "cpu_exceeded",
  "memory_exceeded",
  "invalid_response",
  "overloaded",
  "aborted",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

export const INVOCATION_TYPES = ["http", "function", "scheduled", "queue"] as const;
export type InvocationType = (typeof INVOCATION_TYPES)[number];
