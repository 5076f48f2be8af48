/** StructuredSerializeWithTransfer and its deserialization in one pass, without recursion. */
import { typedName } from "./brands.ts";
import { cloneError, copyBuffer, type Filling, type Shell, shellOf } from "./clone-object.ts";

const { apply } = Reflect;
const { isView } = ArrayBuffer;
const { defineProperty } = Object;

/** Stands for what a transfer will have made once everything is read. */
export class Transferred {
  value: unknown;
}

interface Frame {
  source: object;
  copy: object;
  filling: Filling;
  at: number;
  /** A property that was read already. */
  held: { key: string; value: unknown } | undefined;
}

const { hasOwn } = Object;

/** Copied as it is. */
const isSimple = (value: unknown): boolean =>
  typeof value === "object"
    ? value === null
    : typeof value !== "function" && typeof value !== "symbol";

const setMap = Map.prototype.set;
const addSet = Set.prototype.add;

export class Cloner {
  readonly #memory = new Map<object, unknown>();
  readonly #stack: Frame[] = [];
  /** What can only be put in place after the transfers. */
  readonly #late: (() => void)[] = [];
  #transfers = false;

  transfer(object: object): Transferred {
    const placeholder = new Transferred();
    this.#memory.set(object, placeholder);
    this.#transfers = true;
    return placeholder;
  }
  isTransferred(object: object): boolean {
    return this.#memory.has(object);
  }
  /** A copy, or a Transferred. Throws DataCloneError. */
  clone(value: unknown): unknown {
    const result = this.#visit(value);
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      if (this.#advance(frame)) continue;
      if (this.#stack.at(-1) === frame) this.#stack.pop();
      else this.#stack.splice(this.#stack.indexOf(frame), 1);
    }
    return result;
  }
  /** Puts the transferred objects in place. */
  finish(result: unknown): unknown {
    for (const put of this.#late) put();
    return result instanceof Transferred ? result.value : result;
  }

  #visit(value: unknown): unknown {
    if (typeof value === "symbol") throw cloneError(String(value));
    if (typeof value === "function") throw cloneError(`The function ${value.name}`);
    if (typeof value !== "object" || value === null) return value;
    const known = this.#memory.get(value);
    if (known !== undefined) return known;
    if (isView(value)) return this.#view(value as ArrayBufferView<ArrayBuffer>);
    const { copy, filling } = shellOf(value) satisfies Shell;
    this.#memory.set(value, copy);
    if (filling === undefined) return copy;
    if (filling.kind === "properties") this.#copyProperties(value, copy, filling.keys);
    else this.#stack.push({ source: value, copy, filling, at: 0, held: undefined });
    return copy;
  }

  #view(view: ArrayBufferView<ArrayBuffer>): unknown {
    const name = apply<object, [], string | undefined>(typedName, view, []);
    checkBounds(view, name);
    const { byteOffset, byteLength } = view;
    const length = name === undefined ? byteLength : (view as Uint8Array).length;
    const { buffer } = view;
    const tracking = isLengthTracking(view);
    const make = (over: ArrayBuffer): unknown => {
      const Type = (globalThis as Record<string, unknown>)[name ?? "DataView"] as new (
        ...args: unknown[]
      ) => object;
      return tracking ? new Type(over, byteOffset) : new Type(over, byteOffset, length);
    };
    const copied = this.#memory.get(buffer) ?? copyBuffer(buffer);
    this.#memory.set(buffer, copied);
    if (!(copied instanceof Transferred)) {
      const made = make(copied as ArrayBuffer);
      this.#memory.set(view, made);
      return made;
    }
    const later = new Transferred();
    this.#memory.set(view, later);
    this.#late.push(() => {
      later.value = make(copied.value as ArrayBuffer);
    });
    return later;
  }

  /** Takes the next member of the frame; false when there is none. */
  #advance(frame: Frame): boolean {
    const { filling, source, copy } = frame;
    switch (filling.kind) {
      case "properties":
        return this.#advanceProperties(frame, filling.keys, source, copy);
      case "cause": {
        if (frame.at++ > 0) return false;
        const cause = this.#visit(filling.value);
        this.#put(cause, (value) => {
          defineProperty(copy, "cause", { value, writable: true, configurable: true });
        });
        return true;
      }
      default:
        return this.#advanceEntries(frame, filling, copy);
    }
  }
  /** Copies properties up to the first one that holds an object, and makes a frame for the rest. */
  #copyProperties(source: object, copy: object, keys: string[]): void {
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as string;
      // A getter that ran before may have taken it away.
      if (!hasOwn(source, key)) continue;
      const value = (source as Record<string, unknown>)[key];
      if (isSimple(value)) define(copy, key, value);
      else {
        const filling = { kind: "properties", keys } as const;
        this.#stack.push({ source, copy, filling, at: at + 1, held: { key, value } });
        return;
      }
    }
  }
  #advanceProperties(frame: Frame, keys: string[], source: object, copy: object): boolean {
    const depth = this.#stack.length;
    const { held } = frame;
    if (held !== undefined) {
      frame.held = undefined;
      const { key, value } = held;
      this.#putProperty(copy, key, this.#visit(value));
      if (this.#stack.length > depth) return true;
    }
    while (frame.at < keys.length) {
      const key = keys[frame.at++] as string;
      if (!hasOwn(source, key)) continue;
      const value = (source as Record<string, unknown>)[key];
      if (isSimple(value)) define(copy, key, value);
      else this.#putProperty(copy, key, this.#visit(value));
      if (this.#stack.length > depth) return true;
    }
    return false;
  }
  #advanceEntries(frame: Frame, filling: Filling & { kind: "map" | "set" }, copy: object): boolean {
    const { kind, entries } = filling;
    if (frame.at < entries.length) {
      entries[frame.at] = this.#visit(entries[frame.at]);
      frame.at++;
      return true;
    }
    const fill = (): void => {
      const made = entries.map((entry) => (entry instanceof Transferred ? entry.value : entry));
      if (kind === "set") for (const item of made) apply(addSet, copy, [item]);
      else for (let i = 0; i < made.length; i += 2) apply(setMap, copy, [made[i], made[i + 1]]);
    };
    if (this.#transfers) this.#late.push(fill);
    else fill();
    return false;
  }
  /** A transferred object takes its place at once, so that the keys keep their order. */
  #putProperty(copy: object, key: string, value: unknown): void {
    if (value instanceof Transferred) {
      define(copy, key, undefined);
      this.#late.push(() => {
        (copy as Record<string, unknown>)[key] = value.value;
      });
    } else define(copy, key, value);
  }
  #put(value: unknown, place: (value: unknown) => void): void {
    if (value instanceof Transferred) this.#late.push(() => place(value.value));
    else place(value);
  }
}

function define(target: object, key: string, value: unknown): void {
  // On a fresh object only an inherited setter could get in between.
  if (!(key in target)) (target as Record<string, unknown>)[key] = value;
  else defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

const { at } = Uint8Array.prototype;
const dataLength = Object.getOwnPropertyDescriptor(DataView.prototype, "byteLength")
  ?.get as () => number;

/** Both throw where the buffer has become too short for the view, or has gone. */
function checkBounds(view: ArrayBufferView, name: string | undefined): void {
  try {
    if (name === undefined) apply(dataLength, view, []);
    else apply(at as () => unknown, view, []);
  } catch {
    throw cloneError(`A ${name ?? "DataView"} that lies outside of its buffer`);
  }
}

/** A view without a length of its own over a resizable buffer. */
function isLengthTracking(view: ArrayBufferView<ArrayBuffer>): boolean {
  const { buffer, byteOffset, byteLength } = view;
  if (!buffer.resizable || byteOffset + byteLength !== buffer.byteLength) return false;
  const { maxByteLength } = buffer;
  if (maxByteLength === buffer.byteLength) return false;
  const before = buffer.byteLength;
  const step = (view as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  buffer.resize(Math.min(maxByteLength, before + step));
  const grew = view.byteLength > byteLength;
  buffer.resize(before);
  return grew;
}
