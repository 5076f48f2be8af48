import { definePart } from "../registry.ts";
import { ReadableByteStreamController, ReadableStreamBYOBRequest } from "./byte-controller.ts";
import { TextDecoderStream, TextEncoderStream } from "./codec.ts";
import { CompressionStream, DecompressionStream } from "./compression.ts";
import { ReadableStreamDefaultController } from "./default-controller.ts";
import { createReadable, createReadableBytes } from "./create.ts";
import { ReadableStream } from "./readable-stream.ts";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from "./readers.ts";
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from "./strategies.ts";
import { TransformStream, TransformStreamDefaultController } from "./transform-stream.ts";
import { transferStream } from "./transfer.ts";
import * as uses from "./uses.ts";
import { WritableStreamDefaultController } from "./writable-controller.ts";
import { createWritable, WritableStream, WritableStreamDefaultWriter } from "./writable-stream.ts";

export const streams = {
  ReadableStream,
  ReadableStreamDefaultReader,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableByteStreamController,
  ReadableStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
  TransformStream,
  TransformStreamDefaultController,
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  TextDecoderStream,
  TextEncoderStream,
  CompressionStream,
  DecompressionStream,
  // For other parts.
  createReadable,
  createReadableBytes,
  createWritable,
  transferStream,
  ...uses,
};

export type Streams = typeof streams;

definePart("streams", streams);
