/**
 * Hashes and ciphers are streams in Node, and hardly anyone pipes into one. The class stays plain; the members of a
 * stream are there, and make one when the first of them is used.
 */
import { usePart } from "../registry.ts";

interface Steps {
  transform(chunk: unknown, encoding: unknown): Uint8Array | null;
  flush(): Uint8Array | null;
}
type Stream = Record<string | symbol, unknown>;
type Done = (error?: unknown, chunk?: unknown) => void;

const METHODS =
  "on once off addListener removeListener removeAllListeners prependListener emit listeners listenerCount eventNames setMaxListeners pipe unpipe read write end setEncoding resume pause isPaused destroy cork uncork".split(
    " ",
  );
const PROPERTIES =
  "_readableState _writableState _events readable writable destroyed closed errored readableEnded readableFlowing readableLength readableObjectMode writableEnded writableFinished writableLength writableNeedDrain writableObjectMode".split(
    " ",
  );

const streams = new WeakMap<object, Stream>();

function attempt(work: () => Uint8Array | null, done: Done): void {
  try {
    done(null, work());
  } catch (error) {
    done(error);
  }
}

/** Gives instances of the class the members of a Transform that runs `stepsOf(instance)`. */
export function addTransform<T extends object>(prototype: T, stepsOf: (self: T) => Steps): void {
  const streamOf = (self: T): Stream => {
    const known = streams.get(self);
    if (known !== undefined) return known;
    const { Transform } = usePart<{ stream: { Transform: new (options: object) => Stream } }>(
      "node-stream",
    ).stream;
    const steps = stepsOf(self);
    const made = new Transform({
      transform: (chunk: unknown, encoding: unknown, done: Done) =>
        attempt(() => steps.transform(chunk, encoding), done),
      flush: (done: Done) => attempt(() => steps.flush(), done),
    });
    streams.set(self, made);
    return made;
  };
  for (const name of [...METHODS, Symbol.asyncIterator]) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value(this: T, ...args: unknown[]) {
        const stream = streamOf(this);
        const result: unknown = Reflect.apply(stream[name] as () => unknown, stream, args);
        return result === stream ? this : result;
      },
    });
  }
  for (const name of PROPERTIES) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: T) {
        return streamOf(this)[name];
      },
    });
  }
}
