/** The members that Request and Response share. */
import { usePart } from "../registry.ts";
import {
  type Body,
  bodyOf,
  isDisturbed,
  isUnusable,
  readBytes,
  readText,
  streamOf,
} from "./body.ts";
import type { BlobLike, FilesPart, Stream, StreamsPart } from "./contracts.ts";

/** How the mixin sees its owner; both throw for a foreign `this`. */
export interface BodyOwner<T> {
  bodyOf(owner: T): Body | null;
  /** Combined content-type header, or null. */
  typeOf(owner: T): string | null;
}

const UNUSABLE = "Body already consumed: it can be read once, and not while a reader holds it";

function tight(bytes: Uint8Array): ArrayBuffer {
  const buffer = bytes.buffer as ArrayBuffer;
  return bytes.byteLength === buffer.byteLength ? buffer : bytes.slice().buffer;
}

export function defineBody<T extends object>(prototype: T, owner: BodyOwner<T>): void {
  const files = (): FilesPart => usePart<FilesPart>("files");
  /** A body that was aborted refuses at once, each time it is asked. */
  const bodyToRead = (self: T): Body | null => {
    const body = owner.bodyOf(self);
    if (body !== null && body.host !== null && body.stream === null) body.host.check?.();
    return body;
  };
  const methods = {
    get body(): Stream | null {
      const body = owner.bodyOf(this as unknown as T);
      return body === null ? null : streamOf(body);
    },
    get bodyUsed(): boolean {
      const body = owner.bodyOf(this as unknown as T);
      return body !== null && isDisturbed(body);
    },
    async arrayBuffer(this: T): Promise<ArrayBuffer> {
      return tight((await readBytes(bodyToRead(this))).bytes);
    },
    async blob(this: T): Promise<BlobLike> {
      const body = bodyToRead(this);
      const type = owner.typeOf(this);
      const { bytes } = await readBytes(body);
      return new (files().Blob)([bytes], { type: files().mimeOf(type) });
    },
    async bytes(this: T): Promise<Uint8Array> {
      return new Uint8Array(tight((await readBytes(bodyToRead(this))).bytes));
    },
    async formData(this: T): Promise<object> {
      const body = bodyToRead(this);
      if (body !== null && isUnusable(body)) throw new TypeError(UNUSABLE);
      const type = owner.typeOf(this);
      return files().decodeForm((await readBytes(body)).bytes, type);
    },
    async json(this: T): Promise<unknown> {
      const body = bodyToRead(this);
      return JSON.parse(body === null ? "" : await readText(body));
    },
    textStream(this: T): Stream {
      const body = bodyToRead(this);
      if (body !== null && isUnusable(body)) throw new TypeError(UNUSABLE);
      const { TextDecoderStream } = usePart<StreamsPart>("streams");
      return streamOf(body ?? bodyOf("", true)).pipeThrough(new TextDecoderStream());
    },
    async text(this: T): Promise<string> {
      const body = bodyToRead(this);
      return body === null ? "" : readText(body);
    },
  };
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(methods));
}
