/** WebSocket frames of RFC 6455, without extensions. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  final: boolean;
  opcode: number;
  payload: Uint8Array;
}

/** What the peer did wrong, with the close code that says so. */
export class ProtocolError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A frame as a client sends it: masked. */
export function encodeFrame(opcode: number, payload: Uint8Array, mask: Uint8Array): Buffer {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extra + 4 + length);
  frame[0] = 0x80 | opcode;
  if (extra === 0) frame[1] = 0x80 | length;
  else if (extra === 2) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  const start = 2 + extra + 4;
  frame.set(mask, start - 4);
  for (let i = 0; i < length; i++) frame[start + i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return frame;
}

/** Cuts a byte stream into frames. `push` throws a ProtocolError. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #max: number;
  constructor(maxPayload: number) {
    this.#max = maxPayload;
  }

  *push(chunk: Uint8Array): Generator<Frame> {
    this.#bytes =
      this.#bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk]);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }
  #next(): Frame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const [first = 0, second = 0] = bytes;
    const opcode = first & 0x0f;
    const final = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0)
      throw new ProtocolError(1002, "A frame uses an extension that was not agreed on");
    if ((second & 0x80) !== 0) throw new ProtocolError(1002, "A frame of the server is masked");
    if (opcode > 10 || (opcode > 2 && opcode < 8))
      throw new ProtocolError(1002, "A frame has an unknown opcode");
    let length = second & 0x7f;
    if (opcode >= 8 && (length > 125 || !final))
      throw new ProtocolError(1002, "A control frame is too long or in parts");
    let start = 2;
    if (length === 126) {
      if (bytes.length < 4) return undefined;
      length = bytes.readUInt16BE(2);
      start = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return undefined;
      length = Number(bytes.readBigUInt64BE(2));
      start = 10;
    }
    if (length > this.#max)
      throw new ProtocolError(1009, `A message is larger than ${this.#max} bytes`);
    if (bytes.length < start + length) return undefined;
    this.#bytes = bytes.subarray(start + length);
    return { final, opcode, payload: bytes.subarray(start, start + length) };
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ProtocolError(1007, "A text message is not valid UTF-8");
  }
}

export type Incoming =
  | { kind: "message"; data: string | Uint8Array }
  | { kind: "ping"; payload: Uint8Array }
  | { kind: "close"; code: number; reason: string };

/** Puts fragments together and reads close frames. */
export class MessageAssembler {
  #parts: Uint8Array[] = [];
  #size = 0;
  #opcode = 0;
  readonly #max: number;
  constructor(maxMessage: number) {
    this.#max = maxMessage;
  }

  accept({ final, opcode, payload }: Frame): Incoming | undefined {
    if (opcode === OPCODE.ping) return { kind: "ping", payload };
    if (opcode === OPCODE.pong) return undefined;
    if (opcode === OPCODE.close) return closing(payload);
    if ((opcode === OPCODE.continuation) === (this.#opcode === 0)) {
      throw new ProtocolError(1002, "A fragment does not belong to a message");
    }
    if (opcode !== OPCODE.continuation) this.#opcode = opcode;
    this.#size += payload.length;
    if (this.#size > this.#max)
      throw new ProtocolError(1009, `A message is larger than ${this.#max} bytes`);
    this.#parts.push(payload);
    if (!final) return undefined;
    const whole = this.#parts.length === 1 ? payload : Buffer.concat(this.#parts);
    const data = this.#opcode === OPCODE.text ? decodeText(whole) : new Uint8Array(whole);
    this.#parts = [];
    this.#size = 0;
    this.#opcode = 0;
    return { kind: "message", data };
  }
}

function closing(payload: Uint8Array): Incoming {
  if (payload.length === 0) return { kind: "close", code: 1005, reason: "" };
  if (payload.length === 1) throw new ProtocolError(1002, "A close frame has half a code");
  const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  const known =
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
    (code >= 3000 && code < 5000);
  if (!known) throw new ProtocolError(1002, "A close frame has a code that does not exist");
  return { kind: "close", code, reason: decodeText(payload.subarray(2)) };
}

/** Payload of a close frame; 1005 stands for none. */
export function closePayload(code: number, reason: string): Buffer {
  if (code === 1005) return Buffer.alloc(0);
  const text = Buffer.from(reason);
  const payload = Buffer.alloc(2 + text.length);
  payload.writeUInt16BE(code);
  payload.set(text, 2);
  return payload;
}
