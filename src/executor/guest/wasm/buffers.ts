/** The four kinds of buffers that a memory can have. */
export const PAGE_BYTES = 65_536;

const { transfer, transferToFixedLength, resize } = ArrayBuffer.prototype;
const { grow } = SharedArrayBuffer.prototype;
const { freeze, defineProperty } = Object;

const isShared = (buffer: ArrayBufferLike): buffer is SharedArrayBuffer =>
  buffer instanceof SharedArrayBuffer;

function shared(bytes: number, from: SharedArrayBuffer | null, most?: number): SharedArrayBuffer {
  const buffer =
    most === undefined
      ? new SharedArrayBuffer(bytes)
      : new SharedArrayBuffer(bytes, { maxByteLength: most });
  if (from !== null) new Uint8Array(buffer).set(new Uint8Array(from));
  return freeze(buffer);
}

export const sharedBuffer = (bytes: number): SharedArrayBuffer => shared(bytes, null);

export const isResizable = (buffer: ArrayBufferLike): boolean =>
  isShared(buffer) ? buffer.growable : buffer.resizable;

/** The buffer of a memory that has grown. A fixed one is detached, as the specification wants it; a shared one cannot be. */
export function enlarged<B extends ArrayBufferLike>(buffer: B, bytes: number): B {
  if (isShared(buffer)) {
    if (!buffer.growable) return shared(bytes, buffer) as B;
    grow.call(buffer, bytes);
  } else if (buffer.resizable) resize.call(buffer, bytes);
  else return transfer.call(buffer, bytes) as B;
  return buffer;
}

export function fixedLength(buffer: ArrayBufferLike): ArrayBufferLike {
  if (!isResizable(buffer)) return buffer;
  return isShared(buffer) ? shared(buffer.byteLength, buffer) : transferToFixedLength.call(buffer);
}

/** `growBy` grows the memory and with it the buffer, by whole pages. */
export function resizable(
  buffer: ArrayBufferLike,
  maxBytes: number,
  growBy: (pages: number) => void,
): ArrayBufferLike {
  if (isResizable(buffer)) return buffer;
  if (isShared(buffer)) return shared(buffer.byteLength, buffer, maxBytes);
  const changed = new ArrayBuffer(buffer.byteLength, { maxByteLength: maxBytes });
  new Uint8Array(changed).set(new Uint8Array(buffer));
  transfer.call(buffer);
  const value = (bytes: unknown): void => {
    const pages = (Number(bytes) - changed.byteLength) / PAGE_BYTES;
    if (!(pages >= 0) || !Number.isInteger(pages))
      throw new RangeError(
        `Cannot resize to ${Number(bytes)} bytes: a memory grows by whole pages`,
      );
    growBy(pages);
  };
  return defineProperty(changed, "resize", { value, configurable: true, writable: true });
}
