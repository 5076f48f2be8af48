/** Bodies of requests and responses: a source kept as it is for as long as nobody asks for a stream. */
import { bindHost } from "../bridge.ts";
import { hasPart, usePart } from "../registry.ts";
import type { FilesPart, Stream, StreamsPart, UrlPart } from "./contracts.ts";
import { isObject, toUSVString } from "./webidl.ts";

const encode = bindHost("text.encode") as (text: string) => Uint8Array;
const decode = bindHost("text.decode") as (bytes: Uint8Array) => string;

/** A body that comes from the host: null at its end. */
export interface HostBody {
  read(): Promise<Uint8Array | null>;
  /** Throws where reading would fail for certain. */
  check?(): void;
  cancel(reason: unknown): void;
}

/** Without a prototype, so that a promise cannot take it for a thenable. Null at the end of the body. */
export interface Chunk {
  bytes: Uint8Array | null;
}

export interface ChunkReader {
  read(): Promise<Chunk>;
  cancel(reason: unknown): void;
}

const boxed = (bytes: Uint8Array | null): Chunk => ({ __proto__: null, bytes }) as unknown as Chunk;

/** Members that most bodies leave as they are stand on the prototype: making a body writes two. */
export class Body {
  source: string | Uint8Array | null;
  /** The bytes of `source` belong to this body alone, so that their buffer can be given away. */
  owned: boolean;
  declare stream: Stream | null;
  declare host: HostBody | null;
  /** Consumed without a stream having been made. */
  declare used: boolean;

  constructor(source: string | Uint8Array | null, owned: boolean) {
    this.source = source;
    this.owned = owned;
  }
}
Object.assign(Body.prototype, { stream: null, host: null, used: false });

export const bodyOf = (source: string | Uint8Array | null, owned: boolean): Body =>
  new Body(source, owned);

export function hostBody(host: HostBody): Body {
  const body = new Body(null, true);
  body.host = host;
  return body;
}

function bodyFromStream(stream: Stream): Body {
  const body = new Body(null, true);
  body.stream = stream;
  return body;
}

/** A second body over the same source; the first must not be read any more. */
export function takenOver(body: Body): Body {
  const taken = new Body(body.source, body.owned);
  taken.stream = body.stream;
  taken.host = body.host;
  return taken;
}

const streams = (): StreamsPart => usePart<StreamsPart>("streams");
const files = (): FilesPart => usePart<FilesPart>("files");

const TEXT_TYPE = "text/plain;charset=UTF-8";
const FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8";

/** Body and content type (or null) of a BodyInit. A stream is taken over, everything else copied. */
export function extractBody(init: unknown): [Body, string | null] {
  if (typeof init === "string") return [bodyOf(init.toWellFormed(), true), TEXT_TYPE];
  if (isObject(init)) {
    const special = extractObject(init);
    if (special !== null) return special;
  }
  return [bodyOf(toUSVString(init), true), TEXT_TYPE];
}

function extractObject(init: object): [Body, string | null] | null {
  const bytes = copyBufferSource(init);
  if (bytes !== null) return [bodyOf(bytes, true), null];
  if (hasPart("streams") && streams().isReadableStream(init)) return [streamBody(init), null];
  if (hasPart("files")) {
    if (files().isBlob(init))
      return [bodyOf(files().blobBytes(init), false), init.type === "" ? null : init.type];
    if (files().isFormData(init)) {
      const [body, type] = files().encodeForm(init);
      return [bodyOf(body, true), type];
    }
  }
  if (hasPart("url") && usePart<UrlPart>("url").isURLSearchParams(init))
    return [bodyOf(`${init}`, true), FORM_TYPE];
  if (typeof (init as Record<symbol, unknown>)[Symbol.asyncIterator] === "function") {
    return [streamBody(streams().ReadableStream.from(init)), null];
  }
  return null;
}

function streamBody(stream: Stream): Body {
  if (stream.locked || streams().isDisturbed(stream)) {
    throw new TypeError(
      "The stream is locked or was read from already, so that it cannot be a body",
    );
  }
  return bodyFromStream(stream);
}

/** Copy of the bytes of an ArrayBuffer or view; null for anything else. */
export function copyBufferSource(value: object): Uint8Array | null {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !(value instanceof ArrayBuffer)) return null;
  if (isView && value.buffer instanceof SharedArrayBuffer) {
    throw new TypeError("A view of a SharedArrayBuffer cannot be a body or a part: copy it first");
  }
  // Also what was detached: it holds no bytes.
  if (value.byteLength === 0) return new Uint8Array(0);
  if (!isView) return new Uint8Array(value.slice(0));
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
}

export function isDisturbed(body: Body): boolean {
  return body.stream === null ? body.used : streams().isDisturbed(body.stream);
}

export const isUnusable = (body: Body): boolean =>
  body.stream === null ? body.used : body.stream.locked || streams().isDisturbed(body.stream);

/** The body as a stream, made at the first call. */
export function streamOf(body: Body): Stream {
  if (body.stream !== null) return body.stream;
  const { ReadableStream } = streams();
  const { source, host, used } = body;
  let stream: Stream;
  if (used) {
    stream = new ReadableStream();
    void stream.getReader().cancel();
  } else if (host !== null) {
    stream = hostStream(host);
  } else {
    stream = sourceStream(typeof source === "string" ? encode(source) : (source as Uint8Array));
  }
  body.stream = stream;
  return stream;
}

function sourceStream(bytes: Uint8Array): Stream {
  const { ReadableStream } = streams();
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}

function hostStream(host: HostBody): Stream {
  const { ReadableStream } = streams();
  return new ReadableStream(
    {
      type: "bytes",
      async pull(controller) {
        const chunk = await host.read();
        if (chunk !== null) {
          controller.enqueue(chunk);
          return;
        }
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: (reason: unknown) => host.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Reads a body once, whatever it is made of. Throws a TypeError when it is used or locked. */
export function openBody(body: Body): ChunkReader {
  if (isUnusable(body))
    throw new TypeError(
      "Body already consumed: it can be read once, and not while a reader holds it",
    );
  if (body.stream !== null) return streamReader(body.stream);
  body.used = true;
  const { host } = body;
  if (host !== null) {
    return { read: async () => boxed(await host.read()), cancel: (reason) => host.cancel(reason) };
  }
  let rest: Uint8Array | null = takeBytes(body);
  return {
    read() {
      const chunk = boxed(rest);
      rest = null;
      return Promise.resolve(chunk);
    },
    cancel() {
      rest = null;
    },
  };
}

function streamReader(stream: Stream): ChunkReader {
  const reader = streams().rawReader(stream);
  const read = (): Promise<Chunk> =>
    new Promise((resolve, reject) => {
      reader.read({
        chunk(value) {
          if (value instanceof Uint8Array) {
            resolve(boxed(value));
            return;
          }
          const error = new TypeError(
            "A chunk of the body is no Uint8Array: encode text before it is put into the stream",
          );
          reader.cancel(error);
          reject(error);
        },
        close: () => resolve(boxed(null)),
        error: reject,
      });
    });
  return { read, cancel: (reason) => reader.cancel(reason) };
}

function takeBytes(body: Body): Uint8Array {
  const { source } = body;
  if (typeof source === "string") return encode(source);
  return body.owned ? (source as Uint8Array) : (source as Uint8Array).slice();
}

/** All bytes, in an array of their own. Marks the body as used. */
async function readAll(body: Body): Promise<Chunk> {
  const reader = openBody(body);
  if (body.stream === null && body.host === null) return reader.read();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { bytes } = await reader.read();
    if (bytes === null) break;
    chunks.push(bytes);
    length += bytes.length;
  }
  if (chunks.length === 1) {
    const only = chunks[0] as Uint8Array;
    return boxed(body.host === null ? only.slice() : only);
  }
  const all = new Uint8Array(length);
  for (let i = 0, at = 0; i < chunks.length; i++) {
    const chunk = chunks[i] as Uint8Array;
    all.set(chunk, at);
    at += chunk.length;
  }
  return boxed(all);
}

/** All bytes of a body, or none where there is no body, in a box. Marks the body as used. */
export async function readBytes(body: Body | null): Promise<{ bytes: Uint8Array }> {
  const { bytes } = body === null ? boxed(null) : await readAll(body);
  return boxed(bytes ?? new Uint8Array(0)) as { bytes: Uint8Array };
}

/** UTF-8 decode: without a byte order mark, malformed sequences replaced. */
export function decodeText(bytes: Uint8Array): string {
  return decode(bytes);
}

export async function readText(body: Body): Promise<string> {
  const { source } = body;
  if (typeof source !== "string" || body.stream !== null || body.used)
    return decode((await readBytes(body)).bytes);
  body.used = true;
  return source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
}

/** Two bodies of one; the given one becomes the first of them. */
export function cloneBody(body: Body): Body {
  if (isUnusable(body))
    throw new TypeError("What was read or is locked cannot be cloned: Body is unusable");
  if (body.stream === null && body.host === null) {
    body.owned = false;
    return bodyOf(body.source, false);
  }
  const stream = streamOf(body);
  const part = streams();
  const [first, second] = part.teeForClone(stream);
  body.stream = first;
  return bodyFromStream(second);
}
