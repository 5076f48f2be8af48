import type { CaseTable } from "../outcomes.ts";
import { ending, nameOf, thrown, ticks } from "./helpers.ts";

type Sink = ConstructorParameters<typeof WritableStream>[0];
const make = (sink: unknown, strategy?: unknown): WritableStream<unknown> =>
  new WritableStream(sink as Sink, strategy as QueuingStrategy);

export const writableCases: CaseTable = {
  "sinks that are refused": () =>
    [
      null,
      1,
      { type: "bytes" },
      { type: undefined },
      { start: 1 },
      { write: {} },
      { close: true },
      { abort: "x" },
    ].map((sink) => thrown(() => make(sink))),
  "members are read in order, once": () => {
    const log: PropertyKey[] = [];
    const spy = (label: string): object =>
      new Proxy({}, { get: (_, key) => void log.push(`${label}.${String(key)}`) });
    make(spy("sink"), spy("strategy"));
    return log;
  },
  "writes come one after the other": async () => {
    const log: unknown[] = [];
    const writer = make({
      async write(chunk: number) {
        log.push(`start ${chunk}`);
        await ticks(3);
        log.push(`end ${chunk}`);
      },
      close() {
        log.push("close");
      },
    }).getWriter();
    void writer.write(1);
    void writer.write(2);
    await writer.close();
    return log;
  },
  "desiredSize and ready follow the queue": async () => {
    let release!: () => void;
    const writer = make(
      {
        write: () =>
          new Promise<void>((resolve) => {
            release = resolve;
          }),
      },
      { highWaterMark: 2 },
    ).getWriter();
    const sizes: unknown[] = [writer.desiredSize];
    void writer.write("a");
    void writer.write("b");
    sizes.push(writer.desiredSize);
    let ready = false;
    void writer.ready.then(() => {
      ready = true;
    });
    await ticks();
    sizes.push(ready);
    release();
    await ticks();
    sizes.push(ready, writer.desiredSize);
    return sizes;
  },
  "abort: reason, signal, pending writes": async () => {
    const log: unknown[] = [];
    let signal!: AbortSignal;
    const stream = make({
      start(c: WritableStreamDefaultController) {
        signal = c.signal;
      },
      write: () => ticks(5),
      abort(reason: unknown) {
        log.push(reason);
      },
    });
    const writer = stream.getWriter();
    const first = ending(writer.write(1));
    const second = ending(writer.write(2));
    await ticks(2);
    const aborted = writer.abort("why");
    log.push(signal.aborted, signal.reason);
    return [
      await first,
      await second,
      await ending(aborted),
      log,
      await ending(writer.closed),
      await ending(writer.ready),
      await ending(writer.abort()),
    ];
  },
  "abort without a reason": async () => {
    let signal!: AbortSignal;
    const stream = make({
      start(c: WritableStreamDefaultController) {
        signal = c.signal;
      },
    });
    await stream.abort();
    return [signal.aborted, nameOf(signal.reason)];
  },
  "a sink that fails": async () => {
    const writer = make({
      write() {
        throw new RangeError("mine");
      },
    }).getWriter();
    return [
      await ending(writer.write(1)),
      await ending(writer.write(2)),
      await ending(writer.closed),
      await ending(writer.close()),
      writer.desiredSize,
    ];
  },
  "a start that fails later": async () => {
    const writer = make({ start: () => Promise.reject(new RangeError("mine")) }).getWriter();
    return [await ending(writer.ready), await ending(writer.closed)];
  },
  "controller.error": async () => {
    let c!: WritableStreamDefaultController;
    const stream = make({
      start(given: WritableStreamDefaultController) {
        c = given;
      },
    });
    const writer = stream.getWriter();
    c.error("broken");
    c.error("again");
    return [await ending(writer.ready), await ending(writer.closed), await ending(writer.write(1))];
  },
  locks: async () => {
    const stream = make({});
    const writer = stream.getWriter();
    const locked = [
      stream.locked,
      thrown(() => stream.getWriter()),
      await ending(stream.abort()),
      await ending(stream.close()),
    ];
    writer.releaseLock();
    return [
      locked,
      stream.locked,
      thrown(() => writer.desiredSize),
      await ending(writer.write(1)),
      await ending(writer.close()),
      await ending(writer.abort()),
      await ending(writer.closed),
      await ending(writer.ready),
      thrown(() => writer.releaseLock()),
    ];
  },
  "closing twice": async () => {
    const stream = make({});
    const first = ending(stream.close());
    return [
      await ending(stream.close()),
      await first,
      await ending(stream.close()),
      await ending(stream.abort()),
    ];
  },
  "close waits for writes and hands its error on": async () => {
    const writer = make({
      close() {
        throw new RangeError("mine");
      },
    }).getWriter();
    return [await ending(writer.close()), await ending(writer.closed)];
  },
  "size runs without a this and its error breaks the stream": async () => {
    const seen: string[] = [];
    const writer = make(
      {},
      {
        size(this: unknown) {
          seen.push(typeof this);
          return 1;
        },
      },
    ).getWriter();
    await writer.write(1);
    const broken = make(
      {},
      {
        size() {
          throw new RangeError("mine");
        },
      },
    ).getWriter();
    return [seen, await ending(broken.write(1)), await ending(broken.closed)];
  },
  "writers of closed and errored streams": async () => {
    const closed = make({});
    await closed.close();
    const a = closed.getWriter();
    const errored = make({ start: (c: WritableStreamDefaultController) => c.error("e") });
    await ticks();
    const b = errored.getWriter();
    return [
      a.desiredSize,
      await ending(a.closed),
      await ending(a.ready),
      await ending(a.write(1)),
      b.desiredSize,
      await ending(b.closed),
      await ending(b.ready),
    ];
  },
};
