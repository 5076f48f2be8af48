/** What core asks of parts that it loads lazily. */

/** One read: exactly one of the three is called. */
export interface ReadRequest {
  chunk(value: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

/** Reads on the stream's slots, whatever a script did to prototypes; locks the stream. */
export interface RawReader {
  read(request: ReadRequest): void;
  cancel(reason: unknown): void;
}

export interface Stream {
  readonly locked: boolean;
  getReader(): { cancel(): Promise<void> };
  tee(): [Stream, Stream];
  pipeThrough(pair: object): Stream;
  cancel(reason?: unknown): Promise<void>;
}

export interface ByteController {
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
  readonly byobRequest: { respond(length: number): void } | null;
}

export interface ByteSource {
  type: "bytes";
  start?(controller: ByteController): void;
  pull?(controller: ByteController): Promise<void> | void;
  cancel?(reason: unknown): void;
}

/** Of part `streams`. */
export interface StreamsPart {
  ReadableStream: {
    new (source?: ByteSource, strategy?: { highWaterMark: number }): Stream;
    from(items: unknown): Stream;
  };
  TransformStream: new () => object;
  TextDecoderStream: new () => object;
  /** Brand check that no script can fool. */
  isReadableStream(value: unknown): value is Stream;
  /** True once the stream was read from or cancelled. */
  isDisturbed(stream: Stream): boolean;
  /** Tee whose second branch gets structured clones of the chunks. */
  teeForClone(stream: Stream): [Stream, Stream];
  rawReader(stream: Stream): RawReader;
}

export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
}

/** Of part `events`. */
export interface EventsPart {
  newSignal(): Signal;
  abortSignal(signal: Signal, reason: unknown): void;
  isSignal(value: unknown): value is Signal;
  /** A signal that follows others. */
  dependentSignal(sources: Signal[]): Signal;
  domError(name: string, message: string): Error;
  /** True when a listener took the error, so that it is not to be recorded. */
  dispatchError(error: unknown): boolean;
  dispatchRejection(type: string, promise: Promise<unknown>, reason: unknown): boolean;
  setReporter(report: (error: unknown) => void): void;
}

/** Of part `url`. */
export interface UrlPart {
  isURLSearchParams(value: unknown): boolean;
  /** Serialized absolute URL without credentials check, or null when it does not parse. */
  parseHref(input: string, base?: string): string | null;
  /** True when the serialized URL has a user name or password. */
  hasCredentials(href: string): boolean;
  /** application/x-www-form-urlencoded text to a flat list of names and values. */
  parseForm(text: string): string[];
  /** The Blob behind a blob: URL, if there is one. */
  resolveObjectURL(url: string): BlobLike | undefined;
}

export interface BlobLike {
  readonly size: number;
  readonly type: string;
}

/** Of part `files`. */
export interface FilesPart {
  Blob: new (parts: unknown[], options: { type: string }) => BlobLike;
  isBlob(value: unknown): value is BlobLike;
  isFormData(value: unknown): value is object;
  /** The blob's bytes; not to be changed. */
  blobBytes(blob: BlobLike): Uint8Array;
  /** multipart/form-data body of a form, with its content type. */
  encodeForm(form: object): [body: Uint8Array, type: string];
  /** The form in a body of that content type; throws a TypeError when there is none. */
  decodeForm(bytes: Uint8Array, contentType: string | null): object;
  /** Essence and parameters of a content-type header's value, serialized; "" when it is no MIME type. */
  mimeOf(contentType: string | null): string;
}
