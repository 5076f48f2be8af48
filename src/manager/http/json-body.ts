/** Reads a request's JSON body within bounds. */
import { problem } from "../problems.ts";
import { findJsonFlaw } from "./json-scan.ts";
import type { JsonFlaw } from "./json-scan.ts";
import { unknownField } from "./validate.ts";

const DEPTH_MAX = 64;
/** For the whole body: the listener's idle timeout alone would let one byte a second go on for months. */
const BODY_MS_MAX = 60_000;

const FLAWS: Record<Exclude<JsonFlaw, "prototype_key">, string> = {
  too_deep: `The body nests deeper than ${DEPTH_MAX} levels`,
  duplicate_key: "The body holds a key twice in one object",
};

/**
 * @throws AppError 415 for another content type, 413 past `bytesMax`, 408 when it takes too long, 400 for what is no JSON in UTF-8 or unsafe to read, 422 for a key `__proto__`.
 */
export async function readJsonBody(
  request: Request,
  bytesMax: number,
  timeoutMs: number = BODY_MS_MAX,
): Promise<unknown> {
  requireJsonType(request.headers.get("content-type"));
  const text = decodeUtf8(await readBounded(request, bytesMax, timeoutMs));
  const flaw = findJsonFlaw(text, DEPTH_MAX);
  if (flaw !== undefined && flaw !== "prototype_key") throw problem("invalid_json", FLAWS[flaw]);
  const body = parse(text);
  // No field of ours has that name, at any depth; what would be done with it is not left to chance.
  if (flaw === "prototype_key") throw unknownField("__proto__");
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problem("invalid_json", "The body cannot be read as JSON");
  }
}

function requireJsonType(header: string | null): void {
  const type = header?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw problem("unsupported_media_type", "Send the body as application/json");
  }
}

async function readBounded(
  request: Request,
  bytesMax: number,
  timeoutMs: number,
): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bytesMax) throw tooLarge(bytesMax);
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(problem("request_timeout", "Send the whole body within a minute")),
    timeoutMs,
  );
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read().catch(brokenOff), late]);
      if (done) return Buffer.concat(chunks);
      size += value.byteLength;
      if (size > bytesMax) throw tooLarge(bytesMax);
      chunks.push(value);
    }
  } catch (error) {
    void reader.cancel().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function brokenOff(): never {
  throw problem("invalid_json", "The body broke off");
}

const tooLarge = (bytesMax: number) =>
  problem("body_too_large", `The body is larger than ${bytesMax} bytes`);

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw problem("invalid_json", "The body is not UTF-8");
  }
}
