/** Reads a request's JSON body within bounds. */
import { problem } from "../problems.ts";
import { findJsonFlaw } from "./json-scan.ts";
import type { JsonFlaw } from "./json-scan.ts";

const DEPTH_MAX = 64;

const FLAWS: Record<JsonFlaw, string> = {
  too_deep: `The body nests deeper than ${DEPTH_MAX} levels`,
  duplicate_key: "The body holds a key twice in one object",
  prototype_key: "The body holds the key __proto__",
};

/**
 * @throws AppError 415 for another content type, 413 past `bytesMax`, 400 for what is no JSON in UTF-8 or unsafe to read.
 */
export async function readJsonBody(request: Request, bytesMax: number): Promise<unknown> {
  requireJsonType(request.headers.get("content-type"));
  const text = decodeUtf8(await readBounded(request, bytesMax));
  const flaw = findJsonFlaw(text, DEPTH_MAX);
  if (flaw !== undefined) throw problem("invalid_json", FLAWS[flaw]);
  try {
    return JSON.parse(text) as unknown;
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

async function readBounded(request: Request, bytesMax: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
