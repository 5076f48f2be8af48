/** Between Node's streams and the web's, both ways. */
type AnyFunction = (...args: unknown[]) => unknown;

interface NodeReadable extends AsyncIterable<unknown> {
  on(event: string, listener: AnyFunction): this;
  off(event: string, listener: AnyFunction): this;
  pause(): void;
  resume(): void;
  destroy(error?: unknown): void;
  readableObjectMode?: boolean;
}
interface NodeWritable {
  on(event: string, listener: AnyFunction): this;
  once(event: string, listener: AnyFunction): this;
  write(chunk: unknown): boolean;
  end(callback: () => void): void;
  destroy(error?: unknown): void;
}
interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(reason?: unknown): Promise<void>;
}
interface Writer {
  ready: Promise<void>;
  closed: Promise<void>;
  write(chunk: unknown): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}
interface Controller {
  desiredSize: number | null;
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
}
interface StreamClasses {
  Readable: new (options: object) => NodeReadable & { push(chunk: unknown): boolean };
  Writable: new (options: object) => NodeWritable;
  Duplex: new (options: object) => NodeReadable & NodeWritable & { push(chunk: unknown): boolean };
}
const web = globalThis as unknown as {
  ReadableStream: new (source: object, strategy?: object) => { getReader(): Reader };
  WritableStream: new (sink: object) => { getWriter(): Writer };
};

const plain = (chunk: unknown): unknown =>
  chunk instanceof Uint8Array ? new Uint8Array(chunk) : chunk;

function readableToWeb(stream: NodeReadable): object {
  return new web.ReadableStream({
    start(controller: Controller) {
      let open = true;
      const end = (close: () => void): void => {
        if (open) close();
        open = false;
      };
      stream.on("data", (chunk) => {
        if (open) controller.enqueue(stream.readableObjectMode === true ? chunk : plain(chunk));
        if ((controller.desiredSize ?? 0) <= 0) stream.pause();
      });
      stream.on("end", () => end(() => controller.close()));
      stream.on("error", (error) => end(() => controller.error(error)));
      stream.on("close", () =>
        end(() => controller.error(new TypeError("The stream was closed before it ended"))),
      );
      stream.pause();
    },
    pull: () => stream.resume(),
    cancel: (reason: unknown) => stream.destroy(reason),
  });
}

function writableToWeb(stream: NodeWritable): object {
  return new web.WritableStream({
    start: (controller: Controller) => void stream.on("error", (error) => controller.error(error)),
    write: (chunk: unknown) =>
      new Promise<void>((resolve) => {
        if (stream.write(chunk)) resolve();
        else stream.once("drain", () => resolve());
      }),
    close: () => new Promise<void>((resolve) => stream.end(resolve)),
    abort: (reason: unknown) => stream.destroy(reason),
  });
}

const reading = (reader: Reader) =>
  function (this: { push(chunk: unknown): boolean; destroy(error?: unknown): void }): void {
    reader.read().then(
      ({ done, value }) => void this.push(done ? null : value),
      (error: unknown) => this.destroy(error),
    );
  };
const ignore = (promise: Promise<unknown>): void => void promise.catch(() => undefined);
const settle = (promise: Promise<unknown>, callback: (error?: unknown) => void): void => {
  promise.then(() => callback(), callback);
};
const writing = (writer: Writer) => ({
  write: (chunk: unknown, _encoding: string, callback: (error?: unknown) => void) =>
    settle(
      writer.ready.then(() => writer.write(chunk)),
      callback,
    ),
  final: (callback: (error?: unknown) => void) => settle(writer.close(), callback),
});

export function addWebAdapters({ Readable, Writable, Duplex }: StreamClasses): void {
  Object.assign(Readable, {
    toWeb: readableToWeb,
    fromWeb(stream: { getReader(): Reader }, options: object = {}) {
      const reader = stream.getReader();
      return new Readable({
        ...options,
        read: reading(reader),
        destroy: (error: unknown, callback: (error?: unknown) => void) => {
          ignore(reader.cancel(error));
          callback(error);
        },
      });
    },
  });
  Object.assign(Writable, {
    toWeb: writableToWeb,
    fromWeb: (stream: { getWriter(): Writer }, options: object = {}) =>
      new Writable({ ...options, ...writing(stream.getWriter()) }),
  });
  Object.assign(Duplex, {
    toWeb: (stream: NodeReadable & NodeWritable) => ({
      readable: readableToWeb(stream),
      writable: writableToWeb(stream),
    }),
    fromWeb: (
      pair: { readable: { getReader(): Reader }; writable: { getWriter(): Writer } },
      options: object = {},
    ) =>
      new Duplex({
        ...options,
        read: reading(pair.readable.getReader()),
        ...writing(pair.writable.getWriter()),
      }),
  });
}
