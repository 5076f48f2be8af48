/** An image as one piece of bytes: for the disk, and for another process of the same build. */
import type { ScriptImage } from "./builder.ts";
import { makeImage } from "./image.ts";
import type { MachineRoots } from "./roots.ts";

/** The compressor's fastest level already takes the memory of a script to a fifth. */
const LEVEL = 1;

/** Everything of a ScriptImage that is not memory. */
interface Header {
  staticsLength: number;
  heapLength: number;
  roots: MachineRoots;
  memoryBytes: number;
  bytesMax: number;
  timerDelayMs: number;
  parts: readonly string[];
  startupMs: number;
  crons: ScriptImage["crons"];
  listensToQueue: boolean;
}

export function encodeImage({
  image,
  parts,
  startupMs,
  crons,
  listensToQueue,
}: ScriptImage): Uint8Array {
  const { roots, memoryBytes, bytesMax, timerDelayMs } = image;
  const header: Header = {
    staticsLength: image.statics.length,
    heapLength: image.heap.length,
    roots,
    memoryBytes,
    bytesMax,
    timerDelayMs,
    parts,
    startupMs,
    crons,
    listensToQueue,
  };
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const memory = Bun.zstdCompressSync(Buffer.concat([image.statics, image.heap]), { level: LEVEL });
  return Buffer.concat([length, head, memory]);
}

/** @throws where the bytes are no image. */
export function decodeImage(plain: Uint8Array): ScriptImage {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.length);
  const headEnd = 4 + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.subarray(4, headEnd).toString()) as Header;
  const memory = Bun.zstdDecompressSync(bytes.subarray(headEnd));
  if (memory.length !== header.staticsLength + header.heapLength)
    throw new Error("The image is not whole");
  const { parts, startupMs, crons, listensToQueue, roots, memoryBytes, bytesMax, timerDelayMs } =
    header;
  // Copies, as the words of an image need buffers of their own.
  const statics = new Uint8Array(memory.subarray(0, header.staticsLength));
  const heap = new Uint8Array(memory.subarray(header.staticsLength));
  const image = makeImage(statics, heap, { roots, memoryBytes, bytesMax, timerDelayMs });
  return { image, parts, startupMs, crons, listensToQueue };
}
