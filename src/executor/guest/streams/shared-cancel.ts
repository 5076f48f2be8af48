import { LazyPromise } from "./promises.ts";
import { cancelStream, type ReadableState } from "./readable-state.ts";

/** Both branches' cancellations: the source is cancelled when the second one comes. */
export class SharedCancel {
  readonly #stream: ReadableState;
  readonly done = new LazyPromise<unknown>(false);
  readonly canceled: [boolean, boolean] = [false, false];
  readonly #reasons: unknown[] = [undefined, undefined];

  constructor(stream: ReadableState) {
    this.#stream = stream;
  }
  cancel(branch: 0 | 1, reason: unknown): Promise<unknown> {
    const { promise } = this.done;
    this.canceled[branch] = true;
    this.#reasons[branch] = reason;
    if (this.canceled[1 - branch]) this.done.resolve(cancelStream(this.#stream, this.#reasons));
    return promise;
  }
  /** The source has ended by itself. */
  ended(): void {
    if (!this.canceled[0] || !this.canceled[1]) this.done.resolve(undefined);
  }
}
