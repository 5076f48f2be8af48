import type { CaseTable } from "../outcomes.ts";
import { ending, of, readAll, thrown, ticks } from "./helpers.ts";

interface Recorded {
  log: unknown[];
  stream: WritableStream<unknown>;
}
function recorder(overrides: UnderlyingSink<unknown> = {}, strategy?: QueuingStrategy): Recorded {
  const log: unknown[] = [];
  const stream = new WritableStream<unknown>(
    {
      write: (chunk) => void log.push(chunk),
      close: () => void log.push("close"),
      abort: (reason) => void log.push(`abort ${reason}`),
      ...overrides,
    },
    strategy,
  );
  return { log, stream };
}
const failing = (reason: unknown): ReadableStream =>
  new ReadableStream({ start: (c) => c.error(reason) });

export const pipeCases: CaseTable = {
  "a pipe to its end": async () => {
    const { log, stream } = recorder();
    return [await ending(of(1, 2).pipeTo(stream)), log, stream.locked];
  },
  preventClose: async () => {
    const { log, stream } = recorder();
    return [await ending(of(1).pipeTo(stream, { preventClose: true })), log, stream.locked];
  },
  "errors of the source abort": async () => {
    const [a, b] = [recorder(), recorder()];
    return [
      await ending(failing("x").pipeTo(a.stream)),
      a.log,
      await ending(failing("x").pipeTo(b.stream, { preventAbort: true })),
      b.log,
    ];
  },
  "errors of the destination cancel": async () => {
    const reasons: unknown[] = [];
    const source = (): ReadableStream =>
      new ReadableStream({
        pull: (c) => c.enqueue(1),
        cancel: (reason) => void reasons.push(reason),
      });
    const broken = (): WritableStream => recorder({ write: () => Promise.reject("w") }).stream;
    return [
      await ending(source().pipeTo(broken())),
      await ending(source().pipeTo(broken(), { preventCancel: true })),
      reasons,
    ];
  },
  "a closed destination": async () => {
    const { stream } = recorder();
    await stream.close();
    const reasons: string[] = [];
    const source = new ReadableStream({ cancel: (reason) => void reasons.push(reason.name) });
    return [await ending(source.pipeTo(stream)), reasons];
  },
  "a signal": async () => {
    const { log, stream } = recorder();
    const reasons: unknown[] = [];
    const controller = new AbortController();
    const source = new ReadableStream({ cancel: (reason) => void reasons.push(reason) });
    const pipe = ending(source.pipeTo(stream, { signal: controller.signal }));
    controller.abort("stop");
    return [
      await pipe,
      log,
      reasons,
      await ending(of(1).pipeTo(recorder().stream, { signal: AbortSignal.abort("early") })),
    ];
  },
  "a signal with all of the prevents": async () => {
    const { log, stream } = recorder();
    const source = of(1);
    const all = {
      preventAbort: true,
      preventCancel: true,
      preventClose: true,
      signal: AbortSignal.abort("stop"),
    };
    return [
      await ending(source.pipeTo(stream, all)),
      log,
      source.locked,
      stream.locked,
      await readAll(source),
    ];
  },
  "back-pressure": async () => {
    let pulls = 0;
    const source = new ReadableStream({ pull: (c) => c.enqueue(++pulls) }, { highWaterMark: 0 });
    void source.pipeTo(
      recorder({ write: () => new Promise(() => undefined) }, {
        highWaterMark: 2,
      } as QueuingStrategy).stream,
    );
    await ticks(60);
    return pulls;
  },
  refusals: async () => {
    const locked = of(1);
    locked.getReader();
    const target = recorder().stream;
    target.getWriter();
    return [
      await ending(of(1).pipeTo({} as never)),
      await ending(locked.pipeTo(recorder().stream)),
      await ending(of(1).pipeTo(target)),
      await ending(of(1).pipeTo(recorder().stream, { signal: 1 as never })),
      thrown(() => of(1).pipeThrough({} as never)),
      thrown(() => locked.pipeThrough(new TransformStream())),
      thrown(() => of(1).pipeThrough({ readable: of(1), writable: target })),
      thrown(() => of(1).pipeThrough(new TransformStream(), { signal: null as never })),
    ];
  },
  "pipeThrough an identity": async () => readAll(of(1, 2).pipeThrough(new TransformStream())),
  "a transformer's life": async () => {
    const log: unknown[] = [];
    const transformer = {
      start(this: unknown, c: TransformStreamDefaultController) {
        log.push(this === transformer, c.desiredSize);
        c.enqueue("s");
      },
      transform(chunk: unknown, c: TransformStreamDefaultController) {
        c.enqueue(chunk);
        c.enqueue(chunk);
      },
      flush(c: TransformStreamDefaultController) {
        c.enqueue("f");
      },
    };
    return [await readAll(of(1).pipeThrough(new TransformStream(transformer))), log];
  },
  terminate: async () => {
    const ts = new TransformStream({
      transform(chunk, c) {
        c.enqueue(chunk);
        c.terminate();
      },
    });
    const writer = ts.writable.getWriter();
    const read = readAll(ts.readable);
    return [
      await ending(writer.write(1)),
      await ending(writer.write(2)),
      await read,
      await ending(writer.closed),
    ];
  },
  "errors of a transformer": async () => {
    const ts = new TransformStream({
      transform() {
        throw new RangeError("mine");
      },
    });
    const writer = ts.writable.getWriter();
    const read = ending(ts.readable.getReader().read());
    return [await ending(writer.write(1)), await read, await ending(writer.closed)];
  },
  "transformer.cancel for cancel and for abort": async () => {
    const log: unknown[] = [];
    const make = (): TransformStream =>
      new TransformStream({ cancel: (reason: unknown) => void log.push(reason) } as never);
    const [a, b] = [make(), make()];
    const done = [await ending(a.readable.cancel("c")), await ending(b.writable.abort("a"))];
    return [
      done,
      log,
      await ending(a.writable.getWriter().closed),
      await ending(b.readable.getReader().closed),
    ];
  },
  "transformers that are refused": () =>
    [
      null,
      1,
      { readableType: "x" },
      { writableType: "x" },
      { transform: 1 },
      { flush: {} },
      {
        start() {
          throw new RangeError("mine");
        },
      },
    ].map((t) => thrown(() => new TransformStream(t as never))),
};
