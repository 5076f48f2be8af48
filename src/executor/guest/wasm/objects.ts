/** Memory, Table and Global: numbers of host objects behind the interfaces of the specification. */
import {
  defaultOf,
  defineWasmInterface,
  dictionaryOf,
  limitsOf,
  unsigned,
  valueTypeOf,
} from "./descriptors.ts";
import { fixedLength, PAGE_BYTES, resizable, sharedBuffer } from "./buffers.ts";
import { functionOf } from "./function-numbers.ts";
import { host } from "./host.ts";
import {
  bufferOf,
  changeBuffer,
  growMemory,
  memoryState,
  perform,
  remember,
  trackGlobal,
  wake,
} from "./store.ts";
import { toHost, toScript } from "./values.ts";

const HIDDEN = Symbol("hidden");
const PAGES_MAX = 65_536;
const hiddenSlots = <T>(args: ArrayLike<unknown>): T | undefined =>
  args[0] === HIDDEN ? (args[1] as T) : undefined;

/** One object for each number, so that two exports of one memory are the same. */
function keeper<Slots extends { id: number }, T>(
  Class: unknown,
): { known: Map<number, T>; objectFor: (slots: Slots) => T } {
  const known = new Map<number, T>();
  const objectFor = (slots: Slots): T => {
    let object = known.get(slots.id);
    if (!object)
      known.set(
        slots.id,
        (object = new (Class as new (hidden: symbol, slots: Slots) => T)(HIDDEN, slots)),
      );
    return object;
  };
  return { known, objectFor };
}

/** Undefined for a shared one too: no module here imports those. */
let memoryId: (value: unknown) => number | undefined;
let tableSlots: (value: unknown) => TableSlots | undefined;
let globalSlots: (value: unknown) => GlobalSlots | undefined;

export class Memory {
  #id: number;
  #maximum: number | null = null;
  /** There are no threads to share it with: what it has is a buffer that is never detached. */
  #shared = false;
  constructor(descriptor: unknown) {
    const hidden = hiddenSlots<{ id: number }>(arguments);
    if (hidden) {
      this.#id = hidden.id;
      return;
    }
    const dictionary = dictionaryOf(descriptor, "Memory");
    const { initial, maximum } = limitsOf(dictionary, "Memory");
    this.#shared = Boolean(dictionary["shared"]);
    if (this.#shared && maximum === null)
      throw new TypeError("Cannot make a Memory: a shared one needs a maximum");
    if (initial > PAGES_MAX || (maximum ?? 0) > PAGES_MAX)
      throw new RangeError(`Cannot make a Memory of more than ${PAGES_MAX} pages`);
    this.#id = perform(() => host.newMemory(initial, maximum)) as number;
    this.#maximum = maximum;
    const state = memoryState(this.#id);
    if (this.#shared) state.buffer = sharedBuffer(initial * PAGE_BYTES);
    memories.known.set(this.#id, this);
  }
  get buffer(): ArrayBufferLike {
    return bufferOf(this.#id);
  }
  toFixedLengthBuffer(): ArrayBufferLike {
    return changeBuffer(this.#id, fixedLength);
  }
  toResizableBuffer(): ArrayBufferLike {
    const id = this.#id;
    const most = (this.#maximum ?? PAGES_MAX) * PAGE_BYTES;
    return changeBuffer(id, (buffer) =>
      resizable(buffer, most, (pages) => void growMemory(id, pages)),
    );
  }
  grow(delta: unknown): number {
    const id = this.#id;
    return growMemory(id, unsigned(delta, "delta"));
  }
  static {
    memoryId = (value) =>
      typeof value === "object" && value !== null && #id in value && !value.#shared
        ? value.#id
        : undefined;
  }
}

interface TableSlots {
  id: number;
  element: string;
}

export class Table {
  #slots: TableSlots;
  constructor(descriptor: unknown, value?: unknown) {
    const hidden = hiddenSlots<TableSlots>(arguments);
    if (hidden) {
      this.#slots = hidden;
      return;
    }
    const dictionary = dictionaryOf(descriptor, "Table");
    const element = valueTypeOf(dictionary["element"], "Table");
    if (element !== "externref" && element !== "funcref")
      throw new TypeError(`Cannot make a Table of ${element}`);
    const { initial, maximum } = limitsOf(dictionary, "Table");
    const init = toHost(element, value === undefined ? defaultOf(element) : value);
    this.#slots = {
      id: perform(() => host.newTable(element, initial, maximum, init)) as number,
      element,
    };
    tables.known.set(this.#slots.id, this);
  }
  get length(): number {
    wake();
    return host.tableLength(this.#slots.id) as number;
  }
  get(index: unknown): unknown {
    const { id, element } = this.#slots;
    const place = unsigned(index, "index");
    wake();
    const value = host.tableGet(id, place);
    // Getting a function for the first time gives it a number.
    if (element === "funcref" && value !== null && !functionOf(value as number))
      remember(() => host.tableGet(id, place));
    return toScript(element, value);
  }
  set(index: unknown, value: unknown = undefined): void {
    const { id, element } = this.#slots;
    const place = unsigned(index, "index");
    const given = toHost(element, arguments.length < 2 ? defaultOf(element) : value);
    perform(() => host.tableSet(id, place, given));
  }
  grow(delta: unknown, value: unknown = undefined): number {
    const { id, element } = this.#slots;
    const more = unsigned(delta, "delta");
    const given = toHost(element, value === undefined ? defaultOf(element) : value);
    return perform(() => host.tableGrow(id, more, given)) as number;
  }
  static {
    tableSlots = (value) =>
      typeof value === "object" && value !== null && #slots in value ? value.#slots : undefined;
  }
}

interface GlobalSlots {
  id: number;
  type: string;
  mutable: boolean;
}

export class Global {
  #slots: GlobalSlots;
  constructor(descriptor: unknown, value?: unknown) {
    const hidden = hiddenSlots<GlobalSlots>(arguments);
    if (hidden) {
      this.#slots = hidden;
      return;
    }
    const dictionary = dictionaryOf(descriptor, "Global");
    const mutable = Boolean(dictionary["mutable"]);
    const type = valueTypeOf(dictionary["value"], "Global");
    const initial = toHost(type, value === undefined ? defaultOf(type) : value);
    const id = perform(() => host.newGlobal(type, mutable, initial)) as number;
    if (mutable) trackGlobal(id);
    this.#slots = { id, type, mutable };
    globals.known.set(id, this);
  }
  get value(): unknown {
    wake();
    return toScript(this.#slots.type, host.globalGet(this.#slots.id));
  }
  set value(value: unknown) {
    const { id, type, mutable } = this.#slots;
    if (!mutable) throw new TypeError("Cannot set the Global: it is not mutable");
    const given = toHost(type, value);
    wake();
    host.globalSet(id, given);
  }
  valueOf(): unknown {
    wake();
    return toScript(this.#slots.type, host.globalGet(this.#slots.id));
  }
  static {
    globalSlots = (value) =>
      typeof value === "object" && value !== null && #slots in value ? value.#slots : undefined;
  }
}

export const memories = keeper<{ id: number }, Memory>(Memory);
export const tables = keeper<TableSlots, Table>(Table);
export const globals = keeper<GlobalSlots, Global>(Global);
export { globalSlots, memoryId, tableSlots };

defineWasmInterface(Memory, "Memory", 1);
defineWasmInterface(Table, "Table", 1);
defineWasmInterface(Global, "Global", 1);
