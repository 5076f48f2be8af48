import type { CaseTable } from "../outcomes.ts";
import { ending, nameOf, of, readAll, thrown, ticks } from "./helpers.ts";

type Source = ConstructorParameters<typeof ReadableStream>[0];
const make = (source: unknown, strategy?: unknown): ReadableStream<unknown> =>
  new ReadableStream(source as Source, strategy as QueuingStrategy);

const from = (iterable: unknown): ReadableStream<unknown> =>
  (ReadableStream as unknown as { from(iterable: unknown): ReadableStream<unknown> }).from(
    iterable,
  );

export const readableCases: CaseTable = {
  "sources that are refused": () =>
    [
      null,
      1,
      "x",
      { type: "other" },
      { type: null },
      { start: 1 },
      { pull: {} },
      { cancel: true },
      { type: "bytes", autoAllocateChunkSize: 0 },
      { autoAllocateChunkSize: -1 },
    ].map((source) => thrown(() => make(source))),
  "strategies that are refused": () =>
    [
      null,
      1,
      { highWaterMark: -1 },
      { highWaterMark: Number.NaN },
      { highWaterMark: "x" },
      { size: 1 },
      { size: null },
    ].map((strategy) => thrown(() => make({}, strategy))),
  "strategies that are fine": () =>
    [{}, undefined, { highWaterMark: Infinity }, { highWaterMark: "5" }, { highWaterMark: 0 }].map(
      (strategy) => thrown(() => make({}, strategy)),
    ),
  "a size for a byte stream is refused": () =>
    thrown(() => make({ type: "bytes" }, { size: () => 1 })),
  "members are read in order, once": () => {
    const log: PropertyKey[] = [];
    const spy = (label: string): object =>
      new Proxy({}, { get: (_, key) => void log.push(`${label}.${String(key)}`) });
    make(spy("source"), spy("strategy"));
    return log;
  },
  "what start throws comes out of the constructor": () =>
    thrown(() =>
      make({
        start() {
          throw new RangeError("mine");
        },
      }),
    ),
  "callbacks are called on the source": async () => {
    const log: unknown[] = [];
    const source = {
      start(this: unknown, c: unknown) {
        log.push(["start", this === source, (c as object).constructor.name]);
      },
      pull(this: unknown, c: ReadableStreamDefaultController) {
        log.push(["pull", this === source]);
        c.close();
      },
    };
    await readAll(make(source));
    return log;
  },
  "desiredSize through a life": async () => {
    const sizes: unknown[] = [];
    let c!: ReadableStreamDefaultController;
    const stream = make(
      {
        start(given: ReadableStreamDefaultController) {
          c = given;
        },
      },
      { highWaterMark: 2, size: (chunk: number) => chunk },
    );
    sizes.push(c.desiredSize);
    c.enqueue(3);
    sizes.push(c.desiredSize);
    const reader = stream.getReader();
    await reader.read();
    sizes.push(c.desiredSize);
    c.close();
    sizes.push(c.desiredSize);
    return [sizes, thrown(() => c.enqueue(1)), thrown(() => c.close()), thrown(() => c.error(1))];
  },
  "sizes that break the stream": async () => {
    const results: unknown[] = [];
    for (const size of [-1, Number.NaN, Infinity, "x", undefined]) {
      let c!: ReadableStreamDefaultController;
      const stream = make(
        {
          start(given: ReadableStreamDefaultController) {
            c = given;
          },
        },
        { size: () => size },
      );
      const reader = stream.getReader();
      const closed = ending(reader.closed);
      results.push([
        thrown(() => c.enqueue("a")),
        await Promise.race([closed, ticks().then(() => "open")]),
      ]);
    }
    return results;
  },
  "a locked stream": async () => {
    const stream = make({});
    const reader = stream.getReader();
    const locked = [
      stream.locked,
      thrown(() => stream.getReader()),
      await ending(stream.cancel()),
      thrown(() => stream.tee()),
      thrown(() => stream.values()),
    ];
    reader.releaseLock();
    return [
      locked,
      stream.locked,
      await ending(reader.read()),
      await ending(reader.closed),
      await ending(reader.cancel()),
      thrown(() => reader.releaseLock()),
    ];
  },
  "releasing with pending reads": async () => {
    let c!: ReadableStreamDefaultController;
    const stream = make({
      start(given: ReadableStreamDefaultController) {
        c = given;
      },
    });
    const reader = stream.getReader();
    const read = ending(reader.read());
    const closed = ending(reader.closed);
    reader.releaseLock();
    c.enqueue("kept");
    return [await read, await closed, await ending(stream.getReader().read())];
  },
  "reader modes": () =>
    ["byob", "other", null, 1].map((mode) => thrown(() => make({}).getReader({ mode } as never))),
  "cancel gives the reason and what the source says": async () => {
    const log: unknown[] = [];
    const stream = make({
      cancel: (reason: unknown) => {
        log.push(reason);
        return "ignored";
      },
    });
    return [
      await ending(stream.cancel("why")),
      log,
      await ending(stream.cancel("again")),
      await ending(
        make({
          cancel() {
            throw new RangeError("no");
          },
        }).cancel(),
      ),
    ];
  },
  "errors reach reads, closed and later readers": async () => {
    const error = new RangeError("mine");
    const stream = make({
      start(c: ReadableStreamDefaultController) {
        c.enqueue(1);
        c.error(error);
      },
    });
    const reader = stream.getReader();
    return [
      await ending(reader.read()),
      await ending(reader.closed),
      await ending(reader.cancel()),
    ];
  },
  iteration: async () => {
    const seen: unknown[] = [];
    for await (const chunk of of(1, 2, 3)) seen.push(chunk);
    const stream = of(1, 2, 3);
    const iterator = stream.values({ preventCancel: true });
    seen.push(
      await iterator.next(),
      await Reflect.apply(iterator.return as never, iterator, ["x"]),
      stream.locked,
      await iterator.next(),
    );
    seen.push(await readAll(stream));
    return seen;
  },
  "iterator shape": () => {
    const iterator = make({})[Symbol.asyncIterator]();
    const proto = Object.getPrototypeOf(iterator);
    return [
      ReadableStream.prototype[Symbol.asyncIterator] === ReadableStream.prototype.values,
      Object.prototype.toString.call(iterator),
      Reflect.ownKeys(proto).map(String).sort(),
      proto.next.length,
      proto.return.length,
      Object.getOwnPropertyDescriptor(proto, "next")?.enumerable,
      "throw" in proto,
    ];
  },
  "iterator calls queue up": async () => {
    const iterator = of(1, 2)[Symbol.asyncIterator]();
    return Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
  },
  "iterator on another object": async () => {
    const { next } = Object.getPrototypeOf(make({})[Symbol.asyncIterator]());
    return ending(next.call({}));
  },
  "from iterables": async () => {
    async function* generate() {
      yield 1;
      yield Promise.resolve(2);
    }
    return [
      await readAll(from([1, Promise.resolve(2)])),
      await readAll(from(generate())),
      await readAll(from(new Set(["a"]))),
      await readAll(from(of("s"))),
      await readAll(from({ [Symbol.iterator]: () => [7][Symbol.iterator]() } as never)),
    ];
  },
  "from refuses": () =>
    [
      null,
      undefined,
      1,
      true,
      {},
      { [Symbol.iterator]: 1 },
      { [Symbol.asyncIterator]: () => 1 },
    ].map((value) => thrown(() => from(value as never))),
  "from pulls lazily and returns on cancel": async () => {
    const log: unknown[] = [];
    const iterable = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          log.push("next");
          return { value: 1, done: false };
        },
        return: async (v: unknown) => {
          log.push(["return", v]);
          return {};
        },
      }),
    };
    const stream = from(iterable as never);
    await ticks();
    const before = [...log];
    const reader = stream.getReader();
    await reader.read();
    return [before, await ending(reader.cancel("r")), log];
  },
  "from hands errors on": async () => {
    async function* broken() {
      yield 1;
      throw new RangeError("mine");
    }
    const reader = from(broken()).getReader();
    return [await ending(reader.read()), await ending(reader.read())];
  },
  "tee gives the same chunks": async () => {
    const chunk = { a: 1 };
    const [one, two] = of(chunk).tee();
    const [a] = await readAll(one);
    const [b] = await readAll(two);
    return a === b;
  },
  "tee cancels when both do": async () => {
    const log: unknown[] = [];
    const [one, two] = make({ cancel: (reason: unknown) => void log.push(reason) }).tee();
    const first = ending(one.cancel("a"));
    await ticks();
    const before = log.length;
    const second = ending(two.cancel("b"));
    return [before, await first, await second, log];
  },
  "a patched then is not called": async () => {
    const { then } = Promise.prototype;
    let calls = 0;
    const stream = of(1, 2);
    try {
      Reflect.set(Promise.prototype, "then", function (this: unknown, ...args: never[]) {
        calls++;
        return Reflect.apply(then, this, args);
      });
      const [one] = stream.tee();
      one.getReader();
      return calls;
    } finally {
      Reflect.set(Promise.prototype, "then", then);
    }
  },
  "a subclass": async () => {
    class Mine extends (ReadableStream as unknown as new (
      source: Source,
    ) => ReadableStream<unknown>) {
      extra() {
        return this.locked;
      }
    }
    const stream = new Mine({
      start(c: ReadableStreamDefaultController<unknown>) {
        c.enqueue("x");
        c.close();
      },
    });
    return [stream.extra(), await readAll(stream), stream instanceof Mine, nameOf(new Error())];
  },
  strategies: () => [
    new CountQueuingStrategy({ highWaterMark: 3 }).highWaterMark,
    new ByteLengthQueuingStrategy({ highWaterMark: "4" as never }).highWaterMark,
    new CountQueuingStrategy({ highWaterMark: 1 }).size ===
      new CountQueuingStrategy({ highWaterMark: 2 }).size,
    new ByteLengthQueuingStrategy({ highWaterMark: 1 }).size(new Uint8Array(5)),
    new CountQueuingStrategy({ highWaterMark: 1 }).size.name,
    new CountQueuingStrategy({ highWaterMark: 1 }).size.length,
    new ByteLengthQueuingStrategy({ highWaterMark: 1 }).size.length,
    "prototype" in new CountQueuingStrategy({ highWaterMark: 1 }).size,
    thrown(() => new CountQueuingStrategy({} as never)),
    thrown(() => new ByteLengthQueuingStrategy(null as never)),
    thrown(() => new ByteLengthQueuingStrategy({ highWaterMark: 1 }).size(undefined as never)),
  ],
};
