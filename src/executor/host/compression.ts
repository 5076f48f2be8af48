/** The codecs behind CompressionStream and DecompressionStream. */
import { type HostContext, HostError, type HostOperations } from "./host-function.ts";
import { isZlibFormat, ZlibSteps } from "./zlib-steps.ts";

const MAX_OPEN = 256;

interface Codecs {
  next: number;
  open: Map<number, ZlibSteps>;
}

function codecsOf(context: HostContext): Codecs {
  const known = context.state.get("compression") as Codecs | undefined;
  if (known !== undefined) return known;
  const codecs: Codecs = { next: 1, open: new Map() };
  context.state.set("compression", codecs);
  context.onDispose(() => {
    for (const codec of codecs.open.values()) codec.close();
    codecs.open.clear();
  });
  return codecs;
}

function open(context: HostContext, format: string, decodes: boolean): number {
  const codecs = codecsOf(context);
  if (!isZlibFormat(format))
    throw new HostError("TypeError", "The compression format is not known");
  if (codecs.open.size >= MAX_OPEN) {
    throw new HostError(
      "RangeError",
      `More than ${MAX_OPEN} compression streams are open: finish or cancel some first`,
    );
  }
  const id = codecs.next++;
  codecs.open.set(id, new ZlibSteps(format, decodes));
  return id;
}

function close(context: HostContext, id: number): void {
  const { open: codecs } = codecsOf(context);
  codecs.get(id)?.close();
  codecs.delete(id);
}

function next(context: HostContext, id: number, codec: ZlibSteps): Uint8Array | null {
  try {
    return codec.next();
  } catch (error) {
    close(context, id);
    throw error;
  }
}

export const compressionOperations: HostOperations = {
  "compression.open": (context, format, decodes) =>
    open(context, format as string, decodes === true),
  /** (id, input, final) -> first output; null when there is none yet. */
  "compression.write": (context, id, input, final) => {
    const codec = codecsOf(context).open.get(id as number);
    // A codec that was made while the image was, is not in its forks.
    if (codec === undefined) {
      throw new HostError(
        "TypeError",
        "The compression stream is closed: make it where it is used",
      );
    }
    codec.write(input as Uint8Array, final === true);
    const output = next(context, id as number, codec);
    codec.keepInput();
    return output;
  },
  /** (id) -> further output of the last write; null when that was all. */
  "compression.more": (context, id) => {
    const codec = codecsOf(context).open.get(id as number);
    return codec === undefined ? null : next(context, id as number, codec);
  },
  "compression.close": (context, id) => {
    close(context, id as number);
    return undefined;
  },
};
