/** A script's file as it goes out: type, tag, and the forms that it was compressed to. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { getMimeType } from "hono/utils/mime";

export type Encoding = "identity" | "br" | "gzip";

/** Below, the header costs more than is saved; above, compressing would hold memory for long. */
const COMPRESS_BYTES_MIN = 1024;
const COMPRESS_BYTES_MAX = 8 * 1024 * 1024;
const COMPRESSIBLE =
  /^(?:text\/|application\/(?:json|ld\+json|manifest\+json|xml|xhtml\+xml|wasm|rtf)|image\/svg\+xml|font\/[ot]tf|model\/gltf\+json)/;
/** `app-3f9a1c2b.js`, `logo.5d41402a.svg`: a build tool named it by its content. */
const NAMED_BY_CONTENT = /[.-][0-9A-Za-z_-]{8,}\.[0-9a-z]+$/;
const HAS_DIGIT = /\d/;

/** Better than gzip at about its speed. */
const BROTLI_QUALITY = 5;
const compressors = {
  br: (bytes: Uint8Array) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
    }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes),
} as const;

export class Asset {
  readonly type: string;
  readonly isCompressible: boolean;
  readonly cacheControl: string;
  readonly #bytes: Uint8Array;
  readonly #hash: string;
  readonly #compressed = new Map<Encoding, Promise<Uint8Array | null>>();

  constructor(path: string, bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
    this.type = getMimeType(path) ?? "application/octet-stream";
    const { length } = bytes;
    this.isCompressible =
      length >= COMPRESS_BYTES_MIN && length <= COMPRESS_BYTES_MAX && COMPRESSIBLE.test(this.type);
    this.cacheControl = isNamedByContent(path)
      ? "public, max-age=31536000, immutable"
      : "public, max-age=0, must-revalidate";
  }

  /** A strong validator (RFC 9110, 8.8.3): each encoding is a representation of its own. */
  etag(encoding: Encoding): string {
    return encoding === "identity" ? `"${this.#hash}"` : `"${this.#hash}-${encoding}"`;
  }

  /** Null where the compressed form is not smaller. Made once. */
  async bytes(encoding: Encoding): Promise<Uint8Array | null> {
    if (encoding === "identity") return this.#bytes;
    let made = this.#compressed.get(encoding);
    if (made === undefined) {
      made = compressors[encoding](this.#bytes).then((bytes) =>
        bytes.length < this.#bytes.length ? bytes : null,
      );
      this.#compressed.set(encoding, made);
    }
    return made;
  }
}

function isNamedByContent(path: string): boolean {
  const found = NAMED_BY_CONTENT.exec(path)?.[0];
  return found !== undefined && HAS_DIGIT.test(found);
}
