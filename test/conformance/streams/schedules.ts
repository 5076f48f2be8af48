/**
 * Random schedules of stream operations. Each gives a log of every callback and every settled promise
 * in order, so that two runtimes agree only when their microtasks come in the same order.
 */
type Random = (below: number) => number;

/** mulberry32: the same numbers in every runtime. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

class Log {
  readonly lines: string[] = [];
  say(line: string): void {
    this.lines.push(line);
  }
  show(value: unknown): string {
    if (value instanceof Uint8Array) return `[${[...value].join()}]`;
    if (value instanceof Error) return value.name === "Error" ? value.message : value.name;
    if (typeof value === "object" && value !== null && "done" in value) {
      const { done, value: inner } = value as { done: boolean; value: unknown };
      return `{${done ? "done" : this.show(inner)}}`;
    }
    return String(value);
  }
  /** Runs `action`; its result or what it threw is logged, a promise when it settles. */
  run(name: string, action: () => unknown): void {
    try {
      const result = action();
      if (!(result instanceof Promise)) this.say(`${name} -> ${this.show(result)}`);
      else
        result.then(
          (value) => this.say(`${name} = ${this.show(value)}`),
          (error) => this.say(`${name} ! ${this.show(error)}`),
        );
    } catch (error) {
      this.say(`${name} threw ${this.show(error)}`);
    }
  }
}

function decisions(seed: number): (callback: string) => Random {
  const calls = new Map<string, number>();
  return (callback) => {
    const count = (calls.get(callback) ?? 0) + 1;
    calls.set(callback, count);
    let hash = seed * 1000 + count;
    for (let i = 0; i < callback.length; i++)
      hash = Math.imul(hash ^ callback.charCodeAt(i), 16777619);
    return randomFrom(hash);
  };
}

const ticks = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await undefined;
};

/**
 * A callback that does nothing or throws. It returns no promise: WebIDL makes a new one of what is
 * returned, Deno and Bun keep it, so that they are two microtasks ahead of the specification there.
 */
function outcome({ decide, log }: Bench, name: string): undefined {
  log.say(`${name}()`);
  if (decide(name)(8) === 0) throw new Error(`${name} threw`);
}

interface Bench {
  random: Random;
  /** Numbers for the n-th call of one callback, whatever was called before it. */
  decide: (callback: string) => Random;
  log: Log;
  operations: [string, () => unknown][];
}

type AnyReader = ReadableStreamDefaultReader<unknown> & ReadableStreamBYOBReader;

function addReadable(
  bench: Bench,
  name: string,
  stream: ReadableStream<unknown>,
  byte: boolean,
): void {
  const { random, operations, log } = bench;
  let reader: AnyReader | undefined;
  operations.push(
    [
      `${name}.getReader`,
      () => {
        reader = stream.getReader();
        const mine = reader;
        log.run(`${name}.closed`, () => mine.closed);
        return "reader";
      },
    ],
    [`${name}.read`, () => reader?.read(new Uint8Array(1 + random(4)))],
    [`${name}.read2`, () => reader?.read(new Uint8Array(1 + random(4)))],
    [`${name}.releaseLock`, () => reader?.releaseLock()],
    [`${name}.cancel`, () => (random(3) === 0 ? (reader ?? stream).cancel("why") : undefined)],
    [`${name}.locked`, () => stream.locked],
    [
      `${name}.iterate`,
      async () => {
        if (random(2) === 0) return;
        // Step by step, so that the engine's own loop is not what is compared.
        const iterator = stream.values();
        for (let count = 0; count < 4; count++) {
          const { done, value } = await iterator.next();
          if (done === true) return;
          log.say(`${name} chunk ${log.show(value)}`);
        }
        await iterator.return?.();
      },
    ],
  );
  if (byte)
    operations.push([
      `${name}.getByob`,
      () => {
        reader = stream.getReader({ mode: "byob" }) as unknown as AnyReader;
        return "reader";
      },
    ]);
}

function addWritable(bench: Bench, name: string, stream: WritableStream<unknown>): void {
  const { random, operations, log } = bench;
  let writer: WritableStreamDefaultWriter<unknown> | undefined;
  operations.push(
    [
      `${name}.getWriter`,
      () => {
        writer = stream.getWriter();
        const mine = writer;
        log.run(`${name}.ready`, () => mine.ready);
        log.run(`${name}.closed`, () => mine.closed);
        return "writer";
      },
    ],
    [`${name}.write`, () => writer?.write(random(9))],
    [`${name}.write2`, () => writer?.write(random(9))],
    [`${name}.close`, () => (random(2) === 0 ? (writer ?? stream).close() : undefined)],
    [`${name}.abort`, () => (random(4) === 0 ? (writer ?? stream).abort("stop") : undefined)],
    [`${name}.desiredSize`, () => writer?.desiredSize],
    [`${name}.ready`, () => writer?.ready],
    [`${name}.releaseLock`, () => writer?.releaseLock()],
  );
}

type AnyController = ReadableStreamDefaultController<unknown> & ReadableByteStreamController;

function makeReadable(
  bench: Bench,
  name: string,
): { stream: ReadableStream<unknown>; byte: boolean } {
  const { random, log, operations } = bench;
  const byte = random(2) === 0;
  let controller: AnyController | undefined;
  let left = 4;
  const chunk = (choose: Random): unknown =>
    byte ? new Uint8Array(1 + choose(3)).fill(left) : left;
  const pulls = random(3);
  const source = {
    start(given: AnyController) {
      controller = given;
      return random(3) === 0 ? ticks(random(3)) : undefined;
    },
    pull(given: AnyController) {
      if (pulls === 0) return outcome(bench, `${name}.pull`);
      log.say(`${name}.pull`);
      const choose = bench.decide("pull");
      if (left-- <= 0) given.close();
      else if (byte && given.byobRequest !== null && choose(2) === 0) {
        const { view } = given.byobRequest;
        const size = Math.min(view?.byteLength ?? 0, 1 + choose(3));
        given.byobRequest.respond(size);
      } else given.enqueue(chunk(choose) as never);
      return undefined;
    },
    cancel(reason: unknown) {
      log.say(`${name}.cancel(${log.show(reason)})`);
      return outcome(bench, `${name}.cancel`);
    },
    ...(byte ? { type: "bytes" as const } : {}),
    ...(byte && random(3) === 0 ? { autoAllocateChunkSize: 4 } : {}),
  };
  const stream = new ReadableStream(source as never, { highWaterMark: random(3) });
  operations.push(
    [`${name}.enqueue`, () => controller?.enqueue(chunk(random) as never)],
    [`${name}.enqueue2`, () => controller?.enqueue(chunk(random) as never)],
    [`${name}.controller.close`, () => (random(2) === 0 ? controller?.close() : undefined)],
    [
      `${name}.controller.error`,
      () => (random(4) === 0 ? controller?.error(new Error("broken")) : undefined),
    ],
    [`${name}.controller.desiredSize`, () => controller?.desiredSize],
  );
  if (byte)
    operations.push([
      `${name}.respond`,
      () => {
        const request = controller?.byobRequest;
        return request === null ? "none" : request?.respond(random(3));
      },
    ]);
  return { stream, byte };
}

function makeWritable(bench: Bench, name: string): WritableStream<unknown> {
  const { random, log, operations } = bench;
  return new WritableStream(
    {
      start(controller) {
        operations.push([
          `${name}.controller.error`,
          () => (random(4) === 0 ? controller.error(new Error("sink broken")) : undefined),
        ]);
        return random(3) === 0 ? ticks(random(3)) : undefined;
      },
      write: (chunk) => {
        log.say(`${name}.write(${log.show(chunk)})`);
        return outcome(bench, `${name}.write`);
      },
      close: () => outcome(bench, `${name}.close`),
      abort: (reason) => {
        log.say(`${name}.abort(${log.show(reason)})`);
        return outcome(bench, `${name}.abort`);
      },
    },
    { highWaterMark: random(3) },
  );
}

function makeTransform(bench: Bench, name: string): TransformStream<unknown, unknown> {
  const { random, log, operations } = bench;
  const transformer = {
    start(controller: TransformStreamDefaultController<unknown>) {
      operations.push(
        [`${name}.terminate`, () => (random(4) === 0 ? controller.terminate() : undefined)],
        [
          `${name}.error`,
          () => (random(4) === 0 ? controller.error(new Error("transform broken")) : undefined),
        ],
        [`${name}.enqueue`, () => controller.enqueue("extra")],
      );
    },
    transform(chunk: unknown, controller: TransformStreamDefaultController<unknown>) {
      log.say(`${name}.transform(${log.show(chunk)})`);
      if (bench.decide("transform")(6) > 0) controller.enqueue(chunk);
      return outcome(bench, `${name}.transform`);
    },
    flush: () => outcome(bench, `${name}.flush`),
    cancel: () => outcome(bench, `${name}.cancel`),
  };
  return new TransformStream(
    transformer,
    { highWaterMark: random(3) },
    { highWaterMark: random(3) },
  );
}

function build(bench: Bench): void {
  const { random, operations, log } = bench;
  const kind = random(6);
  if (kind === 0 || kind === 3) {
    const { stream, byte } = makeReadable(bench, "rs");
    if (kind === 0) {
      addReadable(bench, "rs", stream, byte);
      return;
    }
    const [one, two] = stream.tee();
    addReadable(bench, "one", one, byte);
    addReadable(bench, "two", two, byte);
  } else if (kind === 1) addWritable(bench, "ws", makeWritable(bench, "ws"));
  else if (kind === 2) {
    const transform = makeTransform(bench, "ts");
    addReadable(bench, "ts.readable", transform.readable, false);
    addWritable(bench, "ts.writable", transform.writable);
  } else {
    const { stream } = makeReadable(bench, "rs");
    const target = makeWritable(bench, "ws");
    const abort = new AbortController();
    const flag = (): boolean => random(4) === 0;
    const options = {
      preventClose: flag(),
      preventAbort: flag(),
      preventCancel: flag(),
      signal: abort.signal,
    };
    const source = kind === 4 ? stream : stream.pipeThrough(makeTransform(bench, "ts"));
    log.run("pipe", () => source.pipeTo(target, options));
    operations.push([
      "abort",
      () => (random(3) === 0 ? abort.abort(new Error("aborted")) : undefined),
    ]);
  }
}

export async function runSchedule(seed: number): Promise<string[]> {
  const bench: Bench = {
    random: randomFrom(seed),
    decide: decisions(seed),
    log: new Log(),
    operations: [],
  };
  const { random, log } = bench;
  build(bench);
  for (let step = 0; step < 14; step++) {
    const [name, action] = bench.operations[random(bench.operations.length)] ?? [
      "nothing",
      () => null,
    ];
    log.run(`${step} ${name}`, action);
    if (random(2) === 0) await ticks(random(12));
  }
  await ticks(60);
  return log.lines;
}
