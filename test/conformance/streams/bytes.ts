import type { CaseTable } from "../outcomes.ts";
import { bytes, ending, readAll, thrown, ticks } from "./helpers.ts";

type Controller = ReadableByteStreamController;
const make = (source: object, strategy?: QueuingStrategy): ReadableStream<Uint8Array> =>
  new ReadableStream({ type: "bytes", ...source } as UnderlyingByteSource, strategy);

/** The request that a pull was called with. */
function asked(controller: Controller): ReadableStreamBYOBRequest {
  const { byobRequest } = controller;
  if (byobRequest === null) throw new Error("There is no BYOB request");
  return byobRequest;
}
function placeOf(controller: Controller): Uint8Array<ArrayBuffer> {
  const { view: place } = asked(controller);
  if (place === null) throw new Error("The BYOB request has no view");
  return place as Uint8Array<ArrayBuffer>;
}
const contents = (result: { value?: Iterable<number> | undefined }): number[] => [
  ...(result.value ?? []),
];

const view = (result: { value?: ArrayBufferView | undefined; done: boolean }): unknown => [
  result.done,
  result.value === undefined
    ? null
    : [
        result.value.constructor.name,
        result.value.byteOffset,
        result.value.byteLength,
        result.value.buffer.byteLength,
      ],
];

export const byteCases: CaseTable = {
  "BYOB reads fill the reader's view": async () => {
    const stream = make({
      pull(c: Controller) {
        const into = placeOf(c);
        new Uint8Array(into.buffer, into.byteOffset).set([1, 2]);
        asked(c).respond(2);
      },
    });
    const reader = stream.getReader({ mode: "byob" });
    const given = new Uint8Array(8);
    const result = await reader.read(given.subarray(2, 6));
    return [view(result), contents(result), given.byteLength];
  },
  "BYOB reads of every view type": async () => {
    const stream = make({
      pull(c: Controller) {
        c.enqueue(bytes(1, 2, 3, 4, 5, 6, 7, 8));
      },
    });
    const reader = stream.getReader({ mode: "byob" });
    const results: unknown[] = [];
    for (const Type of [
      Int8Array,
      Uint16Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      DataView,
    ]) {
      results.push(
        view(await reader.read(new (Type as unknown as Uint8ArrayConstructor)(new ArrayBuffer(8)))),
      );
    }
    return results;
  },
  "BYOB reads that are refused": async () => {
    const reader = make({}).getReader({ mode: "byob" });
    const detached = new Uint8Array(4);
    structuredClone(0, { transfer: [detached.buffer] });
    const wrong: unknown[] = [
      undefined,
      null,
      {},
      new ArrayBuffer(1),
      new Uint8Array(0),
      new Uint8Array(new ArrayBuffer(4), 4, 0),
      detached,
    ];
    const results = [];
    for (const each of wrong)
      results.push(await ending(reader.read(each as Uint8Array<ArrayBuffer>)));
    for (const min of [0, 5, -1, Number.NaN, Infinity])
      results.push(
        await ending(
          (reader as never as { read(v: unknown, o: unknown): Promise<unknown> }).read(
            new Uint8Array(4),
            { min },
          ),
        ),
      );
    return results;
  },
  "min waits for enough": async () => {
    let c!: Controller;
    const reader = make({
      start(given: Controller) {
        c = given;
      },
    }).getReader({ mode: "byob" }) as never as {
      read(v: unknown, o: unknown): Promise<{ value: Uint8Array; done: boolean }>;
    };
    const read = reader.read(new Uint8Array(5), { min: 3 });
    let settled = false;
    void read.then(() => {
      settled = true;
    });
    c.enqueue(bytes(1, 2));
    await ticks();
    const before = settled;
    c.enqueue(bytes(3, 4));
    return [before, [...(await read).value]];
  },
  "min with larger elements": async () => {
    let c!: Controller;
    const reader = make({
      start(given: Controller) {
        c = given;
      },
    }).getReader({ mode: "byob" }) as never as {
      read(v: unknown, o: unknown): Promise<{ value: Uint16Array; done: boolean }>;
    };
    const read = reader.read(new Uint16Array(3), { min: 2 });
    c.enqueue(bytes(1, 0, 2, 0, 3));
    const first = [...(await read).value];
    c.enqueue(bytes(0));
    return [first, [...(await reader.read(new Uint16Array(1), {})).value]];
  },
  "default reads of a byte stream": async () => {
    const stream = make({
      start(c: Controller) {
        c.enqueue(bytes(1));
        c.enqueue(new Uint16Array([515]));
        c.close();
      },
    });
    return readAll(stream);
  },
  autoAllocateChunkSize: async () => {
    const sizes: unknown[] = [];
    const stream = make({
      autoAllocateChunkSize: 6,
      pull(c: Controller) {
        sizes.push(c.byobRequest?.view?.byteLength ?? null);
        c.byobRequest?.respond(2);
      },
    });
    const result = await stream.getReader().read();
    return [sizes, view(result)];
  },
  "enqueue takes the buffer": () => {
    let c!: Controller;
    make({
      start(given: Controller) {
        c = given;
      },
    });
    const chunk = bytes(1, 2);
    c.enqueue(chunk);
    return [
      chunk.byteLength,
      c.desiredSize,
      thrown(() => c.enqueue(chunk)),
      thrown(() => c.enqueue(bytes())),
      thrown(() => c.enqueue("x" as never)),
      thrown(() => (c as never as { enqueue(): void }).enqueue()),
    ];
  },
  "responses that are refused": async () => {
    let c!: Controller;
    const stream = make({
      start(given: Controller) {
        c = given;
      },
    });
    const before = c.byobRequest;
    const reader = stream.getReader({ mode: "byob" });
    void reader.read(new Uint8Array(4)).catch(() => undefined);
    const request = asked(c);
    const results = [
      before,
      request === c.byobRequest,
      thrown(() => request.respond(0)),
      thrown(() => request.respond(5)),
      thrown(() => request.respond(-1)),
      thrown(() => request.respond("x" as never)),
      thrown(() => request.respondWithNewView(bytes(1, 2, 3, 4, 5))),
      thrown(() =>
        request.respondWithNewView(new Uint8Array(placeOf(c).buffer as ArrayBuffer, 1, 2)),
      ),
      thrown(() => request.respondWithNewView(bytes())),
      thrown(() => request.respondWithNewView({} as never)),
      thrown(() => (request as never as { respond(): void }).respond()),
    ];
    request.respond(1);
    return [results, request.view, thrown(() => request.respond(1)), c.byobRequest];
  },
  "respondWithNewView over a moved buffer": async () => {
    const stream = make({
      pull(c: Controller) {
        const { buffer, byteOffset } = placeOf(c);
        const moved = structuredClone(buffer as ArrayBuffer, { transfer: [buffer as ArrayBuffer] });
        const into = new Uint8Array(moved, byteOffset, 2);
        into.set([8, 9]);
        asked(c).respondWithNewView(into);
      },
    });
    const result = await stream.getReader({ mode: "byob" }).read(new Uint8Array(4));
    return [view(result), contents(result)];
  },
  "close with pending BYOB reads": async () => {
    let c!: Controller;
    const reader = make({
      start(given: Controller) {
        c = given;
      },
    }).getReader({ mode: "byob" });
    const read = reader.read(new Uint8Array(3));
    c.close();
    await ticks();
    asked(c).respond(0);
    return [view(await read), view(await reader.read(new Uint8Array(2)))];
  },
  "close in the middle of an element": async () => {
    let c!: Controller;
    const reader = make({
      start(given: Controller) {
        c = given;
      },
    }).getReader({ mode: "byob" });
    const read = ending(reader.read(new Uint16Array(1)));
    c.enqueue(bytes(1));
    return [thrown(() => c.close()), await read];
  },
  "cancel with pending BYOB reads": async () => {
    const reader = make({}).getReader({ mode: "byob" });
    const read = reader.read(new Uint8Array(3));
    await reader.cancel();
    return view(await read);
  },
  "released BYOB reads leave their bytes to the next reader": async () => {
    let c!: Controller;
    const stream = make({
      start(given: Controller) {
        c = given;
      },
    });
    const reader = stream.getReader({ mode: "byob" });
    const read = ending(reader.read(new Uint8Array(4)));
    const request = asked(c);
    new Uint8Array(placeOf(c).buffer).set([1, 2]);
    reader.releaseLock();
    const other = stream.getReader({ mode: "byob" }).read(new Uint8Array(3));
    request.respond(2);
    return [await read, contents(await other)];
  },
  "tee copies bytes": async () => {
    const [one, two] = make({
      start(c: Controller) {
        c.enqueue(bytes(1, 2));
        c.close();
      },
    }).tee();
    const a = await one.getReader().read();
    const b = await two.getReader({ mode: "byob" }).read(new Uint8Array(4));
    return [contents(a), contents(b), a.value?.buffer === b.value?.buffer];
  },
  "a default reader is no BYOB reader": () => [
    thrown(() => new ReadableStream().getReader({ mode: "byob" })),
    thrown(() => new ReadableStreamBYOBReader(new ReadableStream() as never)),
    thrown(() => new ReadableStreamBYOBReader(make({}) as never)),
  ],
};
