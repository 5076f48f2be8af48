/** Errors between host and guest. */
import { EngineAbort, GuestInterrupted } from "./imports.ts";

/** The guest threw, and nobody in the guest caught it. `value` is a heap pointer to what was thrown. */
export class GuestThrow extends Error {
  readonly value: number;
  constructor(value: number) {
    super("The guest threw");
    this.name = "GuestThrow";
    this.value = value;
  }
}

/** After these no guest code may run in the machine again, so they must not become guest errors. */
export function isFatal(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError ||
    error instanceof GuestThrow ||
    error instanceof GuestInterrupted ||
    error instanceof EngineAbort
  );
}

/** Name, message and code that a host failure has in the guest. */
export function describeHostError(error: unknown): { name: string; message: string; code: string } {
  if (error instanceof Error) {
    const named = error as Error & { guestName?: string; code?: unknown };
    const code = typeof named.code === "string" ? named.code : "";
    return { name: named.guestName ?? named.name, message: named.message, code };
  }
  return { name: "Error", message: String(error), code: "" };
}
