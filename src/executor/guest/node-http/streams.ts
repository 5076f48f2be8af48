/** What this part needs of node:stream. */
import { usePart } from "../registry.ts";
import type { Emitter } from "../node-events/contract.ts";

export interface Readable extends Emitter {
  push(chunk: unknown): boolean;
  destroy(error?: unknown): this;
  destroyed: boolean;
}
export interface Writable extends Emitter {
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean;
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): this;
  destroy(error?: unknown): this;
  destroyed: boolean;
  writableEnded: boolean;
  writableFinished: boolean;
}
interface StreamClasses {
  Readable: new (options?: object) => Readable;
  Writable: new (options?: object) => Writable;
}

export const streams = (): StreamClasses =>
  usePart<{ stream: StreamClasses }>("node-stream").stream;

/** Header fields as Node keeps them: by lower-case name, in the spelling and order given. */
export class HeaderTable {
  readonly #fields = new Map<string, [name: string, value: unknown]>();

  set(name: string, value: unknown): void {
    this.#fields.set(name.toLowerCase(), [name, value]);
  }

  get(name: string): unknown {
    return this.#fields.get(name.toLowerCase())?.[1];
  }

  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  delete(name: string): void {
    this.#fields.delete(name.toLowerCase());
  }

  names(): string[] {
    return [...this.#fields.keys()];
  }

  rawNames(): string[] {
    return [...this.#fields.values()].map(([name]) => name);
  }

  object(): Record<string, unknown> {
    return Object.assign(
      Object.create(null),
      Object.fromEntries([...this.#fields].map(([name, [, value]]) => [name, value])),
    ) as Record<string, unknown>;
  }

  /** One pair for each value, as web Headers take them. */
  pairs(without: ReadonlySet<string> = new Set()): [string, string][] {
    return [...this.#fields]
      .filter(([name]) => !without.has(name))
      .flatMap(([name, [, value]]) =>
        (Array.isArray(value) ? (value as unknown[]) : [value]).map((one): [string, string] => [
          name,
          String(one),
        ]),
      );
  }
}
