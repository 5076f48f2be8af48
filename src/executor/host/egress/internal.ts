/** A request to a host that an app claims: the platform runs its script, and bodies go there and back in pieces. */
import { type HostContext, HostError } from "../host-function.ts";
import type { BodySource } from "./http1/body.ts";

export interface InternalRequest {
  method: string;
  url: string;
  /** Lower-case names. */
  headers: [name: string, value: string][];
  body: Uint8Array | BodySource | null;
  signal: AbortSignal;
}

export interface InternalResponse {
  status: number;
  headers: [name: string, value: string][];
  body: BodySource | null;
  /** Its body will not be read. */
  close(): void;
}

type Ask = (operation: string, payload: object) => Promise<unknown>;

export async function dispatchInternally(
  context: HostContext,
  { method, url, headers, body, signal }: InternalRequest,
): Promise<InternalResponse> {
  // In a shared sandbox another request may be current when a later piece goes.
  const { requestId } = context;
  const ask: Ask = (operation, payload) =>
    context.callService(operation, payload, requestId).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new HostError("TypeError", `The request to ${new URL(url).host} failed: ${reason}`);
    });
  const source = typeof body === "function" ? body : null;
  const whole = source === null ? body : null;
  const request = { method, url, headers, body: whole, streamed: source !== null };
  const id = (await ask("fetch.internal", request)) as number;
  const close = (): void => void ask("fetch.internal.close", { id }).catch(() => undefined);
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  if (source !== null) void sendBody(ask, id, source).catch(close);
  const head = (await ask("fetch.internal.head", { id })) as {
    status: number;
    headers: [string, string][];
    hasBody: boolean;
  };
  const read: BodySource = async () => {
    const piece = (await ask("fetch.internal.read", { id })) as Uint8Array | null;
    if (piece === null) signal.removeEventListener("abort", close);
    return piece;
  };
  return { status: head.status, headers: head.headers, body: head.hasBody ? read : null, close };
}

async function sendBody(ask: Ask, id: number, source: BodySource): Promise<void> {
  for (;;) {
    const piece = await source();
    await ask("fetch.internal.send", { id, piece });
    if (piece === null) return;
  }
}
