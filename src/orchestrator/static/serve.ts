/** Answers for a file: conditional requests, ranges and encodings (RFC 9110, sections 12 to 15). */
// fresh and range-parser: Express's own, small, and exact where hand-written ones usually are not.
import fresh from "fresh";
import { parseAccept } from "hono/utils/accept";
import parseRange from "range-parser";
import type { HeaderList } from "../../shared/execution.ts";
import type { HeaderReader } from "../../shared/http.ts";
import type { Asset, Encoding } from "./asset.ts";

export interface FileResponse {
  status: 200 | 206 | 304 | 416;
  headers: HeaderList;
  body: Uint8Array | null;
}

const PREFERRED: readonly Encoding[] = ["br", "gzip"];

export async function serveAsset(asset: Asset, headers: HeaderReader): Promise<FileResponse> {
  // A part of a compressed form is of little use, so a range is one of the file itself.
  const range = headers.get("range");
  const wanted = range === null && asset.isCompressible ? encodingFor(headers) : "identity";
  const compressed = wanted === "identity" ? null : await asset.bytes(wanted);
  const encoding = compressed === null ? "identity" : wanted;
  const bytes = compressed ?? (await asset.bytes("identity")) ?? new Uint8Array();
  const sent = headersFor(asset, encoding);
  const etag = asset.etag(encoding);
  if (fresh(conditions(headers), { etag })) return { status: 304, headers: sent, body: null };
  if (range !== null && rangeHolds(headers, etag)) return part(bytes, range, sent);
  return { status: 200, headers: sent, body: bytes };
}

function headersFor(asset: Asset, encoding: Encoding): HeaderList {
  const headers: HeaderList = [
    ["content-type", asset.type],
    ["etag", asset.etag(encoding)],
    ["cache-control", asset.cacheControl],
    ["accept-ranges", "bytes"],
  ];
  if (asset.isCompressible) headers.push(["vary", "accept-encoding"]);
  if (encoding !== "identity") headers.push(["content-encoding", encoding]);
  return headers;
}

/** The one the client likes best; ours in case of a tie. */
function encodingFor(headers: HeaderReader): Encoding {
  const accepted = parseAccept(headers.get("accept-encoding") ?? "");
  const quality = (name: string): number =>
    (
      accepted.find(({ type }) => type.toLowerCase() === name) ??
      accepted.find(({ type }) => type === "*")
    )?.q ?? 0;
  let best: Encoding = "identity";
  let most = 0;
  for (const encoding of PREFERRED) {
    const q = quality(encoding);
    if (q > most) [best, most] = [encoding, q];
  }
  return best;
}

const conditions = (headers: HeaderReader): Record<string, string | undefined> => ({
  "if-none-match": headers.get("if-none-match") ?? undefined,
  "cache-control": headers.get("cache-control") ?? undefined,
});

/** Without If-Range, or with the tag of what would be sent. */
function rangeHolds(headers: HeaderReader, etag: string): boolean {
  const condition = headers.get("if-range");
  return condition === null || condition.trim() === etag;
}

/** One range; several are answered by the whole, which is always allowed. */
function part(bytes: Uint8Array, range: string, headers: HeaderList): FileResponse {
  const ranges = parseRange(bytes.length, range);
  if (ranges === -1) {
    const unsatisfied: HeaderList = [...headers, ["content-range", `bytes */${bytes.length}`]];
    return { status: 416, headers: unsatisfied, body: null };
  }
  const [only] = ranges === -2 ? [] : ranges;
  if (ranges === -2 || ranges.type !== "bytes" || ranges.length !== 1 || only === undefined)
    return { status: 200, headers, body: bytes };
  const { start, end } = only;
  return {
    status: 206,
    headers: [...headers, ["content-range", `bytes ${start}-${end}/${bytes.length}`]],
    body: bytes.subarray(start, end + 1),
  };
}
