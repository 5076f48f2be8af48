/** FileReader of the File API. */
import { bindHost } from "../bridge.ts";
import type { Core } from "../core/part.ts";
import type { Encoding } from "../encoding/part.ts";
import type { Events } from "../events/part.ts";
import type { Files } from "../files/part.ts";
import { usePart } from "../registry.ts";

const events = usePart<Events>("events");
const files = usePart<Files>("files");
const core = usePart<Core>("core");
const { finishInterface, illegalInvocation, requireArguments, toDOMString } = core.webidl;
const { setTimeout } = core.timers;

const toBase64 = bindHost("base64.ofBytes") as (bytes: Uint8Array) => string;
const toLatin1 = bindHost("text.latin1") as (bytes: Uint8Array) => string;

const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

type Result = string | ArrayBuffer | null;
type Package = (bytes: Uint8Array) => Result;

function textOf(bytes: Uint8Array, label: string | undefined, type: string): string {
  const { TextDecoder } = usePart<Encoding>("encoding");
  const charset = /;\s*charset="?([^;"]+)/i.exec(type)?.[1];
  for (const candidate of [label, charset]) {
    if (candidate === undefined) continue;
    try {
      return new TextDecoder(candidate).decode(bytes);
    } catch {
      // No such encoding: the next way of finding one counts.
    }
  }
  const [first, second] = bytes;
  const sniffed =
    first === 0xfe && second === 0xff
      ? "utf-16be"
      : first === 0xff && second === 0xfe
        ? "utf-16le"
        : "utf-8";
  return new TextDecoder(sniffed).decode(bytes);
}

export class FileReader extends events.EventTarget {
  #state = EMPTY;
  #result: Result = null;
  #error: Error | null = null;
  /** Counts reads, so that one that was given up does not report. */
  #read = 0;

  get readyState(): number {
    return this.#state;
  }

  get result(): Result {
    return this.#result;
  }

  get error(): Error | null {
    return this.#error;
  }

  readAsArrayBuffer(blob: unknown): void {
    requireArguments(arguments.length, 1, "Failed to execute 'readAsArrayBuffer' on 'FileReader'");
    this.#start(blob, (bytes) => bytes.slice().buffer);
  }

  readAsBinaryString(blob: unknown): void {
    requireArguments(arguments.length, 1, "Failed to execute 'readAsBinaryString' on 'FileReader'");
    this.#start(blob, toLatin1);
  }

  readAsText(blob: unknown, encoding: unknown = undefined): void {
    requireArguments(arguments.length, 1, "Failed to execute 'readAsText' on 'FileReader'");
    const label = encoding === undefined ? undefined : toDOMString(encoding);
    this.#start(blob, (bytes, type) => textOf(bytes, label, type));
  }

  readAsDataURL(blob: unknown): void {
    requireArguments(arguments.length, 1, "Failed to execute 'readAsDataURL' on 'FileReader'");
    this.#start(
      blob,
      (bytes, type) =>
        `data:${type === "" ? "application/octet-stream" : type};base64,${toBase64(bytes)}`,
    );
  }

  abort(): void {
    if (!(#state in this)) illegalInvocation();
    this.#result = null;
    if (this.#state !== LOADING) return;
    this.#state = DONE;
    this.#read++;
    this.#fire("abort", 0, 0);
    if (!this.#isLoading()) this.#fire("loadend", 0, 0);
  }

  #isLoading(): boolean {
    return this.#state === LOADING;
  }

  #start(blob: unknown, pack: (bytes: Uint8Array, type: string) => Result): void {
    if (!(#state in this)) illegalInvocation();
    if (!files.isBlob(blob))
      throw new TypeError("Failed to read with FileReader: parameter 1 is not a Blob");
    if (this.#state === LOADING) {
      throw events.domError(
        "InvalidStateError",
        "The FileReader is reading already: wait for its end or abort it",
      );
    }
    this.#state = LOADING;
    this.#result = null;
    this.#error = null;
    const read = ++this.#read;
    const bytes = files.blobBytes(blob);
    const { type } = blob;
    setTimeout(() => this.#step(read, bytes, (content) => pack(content, type)), 0);
  }

  #step(read: number, bytes: Uint8Array, pack: Package): void {
    if (read !== this.#read) return;
    this.#fire("loadstart", 0, bytes.length);
    setTimeout(() => {
      if (read !== this.#read) return;
      if (bytes.length > 0) this.#fire("progress", bytes.length, bytes.length);
      setTimeout(() => this.#finish(read, bytes, pack), 0);
    }, 0);
  }

  /** Each event is a task of its own, so that promise jobs run between them. */
  #finish(read: number, bytes: Uint8Array, pack: Package): void {
    if (read !== this.#read) return;
    this.#state = DONE;
    this.#result = pack(bytes);
    this.#fire("load", bytes.length, bytes.length);
    setTimeout(() => {
      if (read === this.#read) this.#fire("loadend", bytes.length, bytes.length);
    }, 0);
  }

  #fire(type: string, loaded: number, total: number): void {
    const { ProgressEvent } = events;
    events.fire(
      this,
      new ProgressEvent(type, { lengthComputable: type !== "abort" && total > 0, loaded, total }),
    );
  }
}
for (const [name, value] of [
  ["EMPTY", EMPTY],
  ["LOADING", LOADING],
  ["DONE", DONE],
] as const) {
  Object.defineProperty(FileReader, name, { value, enumerable: true });
  Object.defineProperty(FileReader.prototype, name, { value, enumerable: true });
}
finishInterface(FileReader, "FileReader");
events.defineHandlers(FileReader, "loadstart", "progress", "load", "abort", "error", "loadend");
