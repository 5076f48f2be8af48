import { describe, expect, spyOn, test } from "bun:test";
import fc from "fast-check";
import { INVOCATION_TYPES, OUTCOMES } from "../../src/shared/outcome.ts";
import { STREAMED } from "../../src/executor/engine/port.ts";
import type { ExecutionInput, ResponseHead } from "../../src/executor/engine/port.ts";
import {
  expandHeaders,
  flattenHeaders,
  readEnd,
  readHead,
  readInput,
  writeEnd,
  writeHead,
  writeInput,
} from "../../src/executor/wire/messages.ts";
import { packPayload, unpackPayload } from "../../src/executor/wire/payload.ts";
import { FrameStream, MalformedFrame } from "../../src/executor/wire/reader.ts";
import type { FrameReader } from "../../src/executor/wire/reader.ts";
import { FrameWriter } from "../../src/executor/wire/writer.ts";

/** What comes out when the frames arrive in pieces of the given size. */
function transfer<T>(
  write: (writer: FrameWriter) => void,
  read: (frame: FrameReader) => T,
  piece = 7,
): T[] {
  const writer = new FrameWriter();
  write(writer);
  const bytes = writer.take();
  const results: T[] = [];
  const stream = new FrameStream((frame) => results.push(read(frame)));
  for (let at = 0; at < bytes.length; at += piece) stream.push(bytes.subarray(at, at + piece));
  return results;
}

const text = fc.string({ unit: "grapheme", maxLength: 200 });
const body = fc.oneof(fc.constant(null), fc.constant(STREAMED), fc.uint8Array({ maxLength: 500 }));

const input: fc.Arbitrary<ExecutionInput> = fc.record({
  executionId: text,
  rootExecutionId: text,
  triggerDepth: fc.nat(1000),
  invocationType: fc.constantFrom(...INVOCATION_TYPES),
  method: text,
  url: text,
  headersFlat: text,
  body,
  paramsJson: text,
  infoJson: text,
});

describe("frames", () => {
  test("carry a request whole, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(input, { maxLength: 4 }),
        fc.integer({ min: 1, max: 64 }),
        (inputs, piece) => {
          const seen = transfer(
            (writer) => {
              for (const [i, one] of inputs.entries()) {
                writer.begin(3, i);
                writeInput(writer, one);
                writer.end();
              }
            },
            (frame) => ({ number: frame.execution, input: readInput(frame) }),
            piece,
          );
          expect(seen).toEqual(inputs.map((one, number) => ({ number, input: one })));
        },
      ),
    );
  });

  test("carry a response and its end", () => {
    const head: fc.Arbitrary<ResponseHead> = fc.record({
      status: fc.integer({ min: 100, max: 999 }),
      headersFlat: text,
      body,
    });
    const end = fc.record({
      outcome: fc.constantFrom(...OUTCOMES),
      error: fc.oneof(fc.constant(null), fc.record({ name: text, message: text })),
      cpuMs: fc.double({ min: 0, noNaN: true }),
      memoryPeakBytes: fc.maxSafeNat(),
      logs: fc.array(fc.record({ at: text, level: fc.constant("info" as const), message: text }), {
        maxLength: 3,
      }),
      logsDropped: fc.nat(),
    });
    fc.assert(
      fc.property(head, end, (oneHead, oneEnd) => {
        const [seen] = transfer(
          (writer) => {
            writer.begin(33, 1);
            writeHead(writer, oneHead);
            writeEnd(writer, oneEnd);
            writer.end();
          },
          (frame) => ({ head: readHead(frame), end: readEnd(frame) }),
        );
        expect(seen).toEqual({ head: oneHead, end: oneEnd });
      }),
    );
  });

  test("give a text body as its UTF-8 bytes", () => {
    const [head] = transfer(
      (writer) => {
        writer.begin(33, 1);
        writeHead(writer, { status: 200, headersFlat: "", body: "héllo" });
        writer.end();
      },
      (frame) => readHead(frame),
    );
    expect(head?.body).toEqual(new Uint8Array(new TextEncoder().encode("héllo")));
  });

  test("that were not ended are dropped, and take nothing of those around them along", () => {
    const seen: [number, string][] = [];
    const stream = new FrameStream((frame) => seen.push([frame.execution, frame.text()]));
    const writer = new FrameWriter();
    const send = (number: number, text: string): void => {
      writer.begin(1, number);
      writer.text(text);
      writer.end();
    };
    send(1, "before");
    writer.begin(1, 2);
    writer.text("half");
    send(3, "after");
    writer.begin(1, 4);
    stream.push(writer.take());
    send(5, "later");
    stream.push(writer.take());
    expect(seen).toEqual([
      [1, "before"],
      [3, "after"],
      [5, "later"],
    ]);
  });

  test("that make no sense are refused by name, never read past their end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 9, maxLength: 300 }), (bytes) => {
        const stream = new FrameStream((frame) => void readInput(frame), 1000);
        try {
          stream.push(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Frames of the given sizes, each with its index. */
function framesOf(sizes: readonly number[]): Uint8Array {
  const writer = new FrameWriter();
  for (const [i, size] of sizes.entries()) {
    writer.begin(3, i);
    writer.bytes(new Uint8Array(size).fill(i));
    writer.end();
  }
  return writer.take().slice();
}

/** Bytes that are copied while it runs, by the two ways in which the stream may do so. */
function copiedBy(run: () => void): number {
  let copied = 0;
  // The stream calls them as methods of their objects: `this` is theirs.
  const { slice } = Uint8Array.prototype;
  const slices = spyOn(Uint8Array.prototype, "slice").mockImplementation(function (
    this: Uint8Array,
    ...range
  ) {
    const part = slice.apply(this, range);
    copied += part.length;
    return part;
  });
  const { concat } = Buffer;
  const joins = spyOn(Buffer, "concat").mockImplementation((parts) => {
    const joined = concat(parts);
    copied += joined.length;
    return joined;
  });
  try {
    run();
  } finally {
    slices.mockRestore();
    joins.mockRestore();
  }
  return copied;
}

describe("a stream of frames that is stopped and goes on", () => {
  test("gives each frame once and in order, whatever comes meanwhile", () => {
    const sizes = fc.array(fc.nat(300), { minLength: 1, maxLength: 30 });
    const pieces = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 10 });
    const steps = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(sizes, pieces, steps, steps, (all, cuts, stops, resumes) => {
        const seen: [number, number][] = [];
        const stream = new FrameStream((frame) =>
          seen.push([frame.execution, frame.bytes().length]),
        );
        stream.stops = () => stops.next().value;
        const bytes = framesOf(all);
        for (let at = 0, i = 0; at < bytes.length; i += 1) {
          const end = at + (cuts[i % cuts.length] ?? 1);
          stream.push(bytes.subarray(at, end));
          at = end;
          if (stream.isStopped && resumes.next().value) stream.resume();
        }
        for (let i = 0; i <= all.length && stream.isStopped; i += 1) stream.resume();
        expect(seen).toEqual(all.map((size, number) => [number, size]));
      }),
    );
  });

  test("copies what waits a few times in all, not once for each stop", () => {
    const bytes = framesOf(Array.from({ length: 500 }, () => 2_000));
    let frames = 0;
    const stream = new FrameStream(() => {
      frames += 1;
    });
    stream.stops = () => true;
    const copied = copiedBy(() => {
      for (let at = 0; at < bytes.length; at += 60_001) {
        stream.push(bytes.subarray(at, at + 60_001));
        stream.resume();
      }
      while (stream.isStopped) stream.resume();
    });
    expect(frames).toBe(500);
    expect(copied).toBeLessThan(bytes.length * 3);
  });
});

describe("headers", () => {
  test("come back as they went", () => {
    const name = fc.stringMatching(/^[a-z-]{1,12}$/);
    const value = fc.string({ maxLength: 20 }).map((raw) => raw.replaceAll("\n", ""));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (headers) => {
        expect(expandHeaders(flattenHeaders(headers))).toEqual(headers);
      }),
    );
  });
});

describe("service payloads", () => {
  test("keep bytes, bigints and whatever JSON can say", () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt(),
      fc.uint8Array({ maxLength: 20 }),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__" && key !== "toJSON"),
          tie("value"),
          { maxKeys: 4 },
        ),
      ),
    }));
    fc.assert(
      fc.property(value, (payload) => {
        expect(unpackPayload(packPayload(payload))).toEqual(payload as never);
      }),
    );
  });

  test("are not confused by arrays that look like their own tags", () => {
    const tricky = ["$picloud", "bytes", "AAAA"];
    expect(unpackPayload(packPayload({ tricky }))).toEqual({ tricky });
  });
});
