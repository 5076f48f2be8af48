import type { CaseTable } from "../outcomes.ts";
import { bytesOf, exportsOf, instanceOf, moduleOf, nameOf } from "./load.ts";

const PAGE = 65_536;

const memories: CaseTable = {
  "a memory and its buffer": () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
    const before = memory.buffer;
    const grown = memory.grow(1);
    return [
      before.byteLength,
      grown,
      memory.buffer === before,
      memory.buffer === memory.buffer,
      memory.buffer.byteLength,
      nameOf(() => memory.grow(5)),
    ];
  },
  "growing by nothing": () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const before = memory.buffer;
    return [memory.grow(0), memory.buffer === before, before.byteLength];
  },
  "contents survive growth": () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(memory.buffer).set([1, 2, 3], 100);
    memory.grow(1);
    const view = new Uint8Array(memory.buffer);
    return [...view.slice(99, 104), view[PAGE]];
  },
  "a shared memory's buffer is shared, frozen and not detached by growth": () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true });
    const before = memory.buffer;
    memory.grow(1);
    return [
      Object.prototype.toString.call(before),
      Object.isFrozen(before),
      before.byteLength,
      memory.buffer === before,
      memory.buffer.byteLength,
      nameOf(() => new WebAssembly.Memory({ initial: 1, shared: true })),
    ];
  },
  "a memory's buffer becomes resizable and fixed again": () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 }) as WebAssembly.Memory & {
      toResizableBuffer(): ArrayBuffer;
      toFixedLengthBuffer(): ArrayBuffer;
    };
    new Uint8Array(memory.buffer)[7] = 9;
    const buffer = memory.toResizableBuffer();
    buffer.resize(2 * PAGE);
    const same = memory.buffer === buffer;
    const grown = memory.grow(1);
    return [
      same,
      grown,
      buffer.byteLength,
      nameOf(() => buffer.resize(PAGE)),
      new Uint8Array(memory.toFixedLengthBuffer())[7],
      buffer.byteLength,
      memory.buffer.resizable,
    ];
  },
  "a descriptor is read member by member": () => {
    const order: string[] = [];
    const logged = (name: string, number: number) => ({
      valueOf: () => {
        order.push(`${name} as a number`);
        return number;
      },
    });
    const descriptor = {
      get maximum() {
        order.push("maximum");
        return logged("maximum", 2);
      },
      get initial() {
        order.push("initial");
        return logged("initial", 1);
      },
    };
    void new WebAssembly.Memory(descriptor as unknown as WebAssembly.MemoryDescriptor);
    return order;
  },
  "memory descriptors": () =>
    [
      undefined,
      null,
      5,
      {},
      { initial: -1 },
      { initial: "1" },
      { initial: 2, maximum: 1 },
      { initial: 2 ** 32 },
      { initial: Number.NaN },
      { initial: 70_000 },
    ].map((descriptor) =>
      nameOf(
        () => new WebAssembly.Memory(descriptor as WebAssembly.MemoryDescriptor).buffer.byteLength,
      ),
    ),
  "a module's memory": () => {
    const { load, store, fill, grow } = exportsOf("state");
    const exported = instanceOf("state").exports as unknown as {
      memory: WebAssembly.Memory;
      load(at: number): number;
      store(at: number, value: number): void;
      grow(by: number): number;
      fill(): void;
    };
    const view = new Uint8Array(exported.memory.buffer);
    const text = String.fromCharCode(...view.slice(8, 12));
    exported.store(50, 77);
    view[51] = 88;
    const seen = [view[50], exported.load(51)];
    exported.fill();
    const filled = [view[0], view[99], view[100]];
    const grown = exported.grow(1);
    return [
      text,
      seen,
      filled,
      grown,
      view.byteLength,
      exported.memory.buffer.byteLength,
      exported.grow(100),
      [load, store, fill, grow].map((each) => typeof each),
    ];
  },
};

const tablesAndGlobals: CaseTable = {
  "a table": () => {
    const table = new WebAssembly.Table({ element: "anyfunc", initial: 2, maximum: 4 });
    const { get } = exportsOf("state");
    table.set(0, get as never);
    const values = [
      table.length,
      table.get(0) === get,
      table.get(1),
      nameOf(() => table.get(2)),
      nameOf(() => table.set(0, (() => 1) as never)),
    ];
    return [
      ...values,
      table.grow(1),
      table.length,
      nameOf(() => table.grow(9)),
      nameOf(() => table.get(-1)),
      table.get(2),
    ];
  },
  "a table of references": () => {
    const key = { a: 1 };
    const table = new WebAssembly.Table(
      { element: "externref" as "anyfunc", initial: 2 },
      key as never,
    );
    table.set(1, "text" as never);
    return [table.get(0) === (key as unknown), table.get(1)];
  },
  "a module's table": () => {
    const exports = exportsOf("state") as unknown as {
      table: WebAssembly.Table;
      get: () => number;
      set(value: number): void;
      indirect(index: number): number;
    };
    exports.table.set(1, exports.get as never);
    exports.set(99);
    return [
      exports.table.length,
      exports.table.get(0) === (exports.get as unknown),
      exports.indirect(1),
      nameOf(() => exports.indirect(2)),
      nameOf(() => exports.indirect(50)),
    ];
  },
  "table descriptors": () =>
    [
      undefined,
      {},
      { element: "anyfunc" },
      { element: "i32", initial: 1 },
      { element: "anyfunc", initial: -1 },
      { element: "anyfunc", initial: 3, maximum: 2 },
      { element: "anyfunc", initial: 10 },
    ].map((descriptor) =>
      nameOf(() => new WebAssembly.Table(descriptor as WebAssembly.TableDescriptor).length),
    ),
  "a global of every type": () =>
    (["i32", "i64", "f32", "f64", "externref", "anyfunc"] as const).map((value) => {
      const global = new WebAssembly.Global({ value: value as "i32", mutable: true });
      return String(global.value as unknown);
    }),
  "globals are set and converted": () => {
    const global = new WebAssembly.Global({ value: "i32", mutable: true }, 5);
    global.value = 2 ** 32 + 7;
    const constant = new WebAssembly.Global({ value: "f64" }, 1.5);
    return [
      global.value,
      global.valueOf(),
      constant.value,
      nameOf(() => (constant.value = 2)),
      nameOf(() => new WebAssembly.Global({ value: "i64" }, 5 as never)),
      constant.value,
    ];
  },
  "global descriptors": () =>
    [undefined, {}, { value: "i33" }, { value: "i32", mutable: 1 }].map((descriptor) =>
      nameOf(() =>
        String(new WebAssembly.Global(descriptor as WebAssembly.GlobalDescriptor).value as unknown),
      ),
    ),
  "a module's globals": () => {
    const exports = exportsOf("state") as unknown as {
      g: WebAssembly.Global;
      constant: WebAssembly.Global;
      get(): number;
      set(value: number): void;
    };
    exports.g.value = 20;
    const seen = exports.get();
    exports.set(30);
    return [
      seen,
      exports.g.value,
      String(exports.constant.value),
      nameOf(() => (exports.constant.value = 1n)),
    ];
  },
};

const NAMES = ["Module", "Instance", "Memory", "Table", "Global", "Tag", "Exception"] as const;

const shapes: CaseTable = {
  "module descriptions": () => [
    WebAssembly.Module.exports(moduleOf("state")),
    WebAssembly.Module.imports(moduleOf("imports")),
    WebAssembly.Module.customSections(moduleOf("state"), "name").length,
  ],
  "custom sections": () => {
    const plain = bytesOf("start");
    const section = [0, 6, 3, 97, 98, 99, 1, 2];
    const module = new WebAssembly.Module(new Uint8Array([...plain, ...section, ...section]));
    return WebAssembly.Module.customSections(module, "abc").map((buffer) => [
      ...new Uint8Array(buffer),
    ]);
  },
  "exports are a frozen object without a prototype": () => {
    const { exports } = instanceOf("state");
    return [
      Object.getPrototypeOf(exports) === null,
      Object.isFrozen(exports),
      Object.keys(exports),
      nameOf(() => ((exports as Record<string, unknown>)["x"] = 1)),
    ];
  },
  "names, arity and tags": () =>
    NAMES.map((name) => {
      const Class = WebAssembly[name] as unknown as {
        name: string;
        length: number;
        prototype: object;
      };
      return [
        Class.name,
        Class.length,
        Object.prototype.toString.call(Class.prototype),
        Object.getOwnPropertyDescriptor(WebAssembly, name)?.enumerable,
      ];
    }),
  "members are enumerable": () => [
    Memory_(["buffer", "grow"]),
    Table_(["length", "get", "set", "grow"]),
  ],
  "classes need new": () =>
    NAMES.map((name) => nameOf(() => (WebAssembly[name] as unknown as () => unknown)())),
  "the namespace": () => [
    Object.prototype.toString.call(WebAssembly),
    typeof WebAssembly,
    ["validate", "compile", "instantiate"].map(
      (name) => Reflect.get(WebAssembly, name).length as number,
    ),
  ],
  "instantiate of bytes and of a module": async () => {
    const imports = { m: { f: () => undefined } };
    const both = await WebAssembly.instantiate(bytesOf("start"), imports);
    const one: unknown = await WebAssembly.instantiate(moduleOf("start"), imports);
    return [
      Object.keys(both),
      both.instance instanceof WebAssembly.Instance,
      both.module instanceof WebAssembly.Module,
      one instanceof WebAssembly.Instance,
    ];
  },
  "string constants and string builtins need not be given": () => {
    const options = { builtins: ["js-string"], importedStringConstants: "c" };
    const Module = WebAssembly.Module as unknown as new (
      bytes: Uint8Array,
      options?: object,
    ) => WebAssembly.Module;
    const module = new Module(bytesOf("strings"), options);
    const { length, hello } = new WebAssembly.Instance(module).exports as unknown as {
      length(text: unknown): number;
      hello: WebAssembly.Global;
    };
    return [
      WebAssembly.Module.imports(module),
      WebAssembly.Module.imports(new Module(bytesOf("strings"))).length,
      hello.value as unknown,
      length("four"),
      nameOf(() => length(4)),
    ];
  },
  "structs leave wasm as objects that nobody can change": () => {
    const { make, read, same } = exportsOf("structs") as Record<
      "make" | "read" | "same",
      (value: unknown) => unknown
    >;
    const struct = make(5) as Record<string, unknown>;
    return [
      read(struct),
      same(struct) === struct,
      typeof struct,
      Object.getPrototypeOf(struct),
      Object.keys(struct).length,
      nameOf(() => (struct["x"] = 1)),
      nameOf(() => delete struct["x"]),
      nameOf(() => read({})),
      nameOf(() => read(null)),
      ["text", 7, -0, 1.5, null, undefined].map((value) => Object.is(same(value), value)),
      same(same) === same,
      same(exportsOf) === exportsOf,
    ];
  },
  "the imports are read after instantiate has returned": async () => {
    const order: string[] = [];
    const promise = WebAssembly.instantiate(bytesOf("start"), {
      get m() {
        order.push("imports");
        return { f: () => undefined };
      },
    });
    order.push("returned");
    await promise;
    return order;
  },
  "compile copies its bytes": async () => {
    const bytes = bytesOf("state");
    const promise = WebAssembly.compile(bytes);
    bytes.fill(0);
    return (await promise) instanceof WebAssembly.Module;
  },
};

const members = (prototype: object, names: string[]): unknown =>
  names.map((name) => Object.getOwnPropertyDescriptor(prototype, name)?.enumerable);
const Memory_ = (names: string[]): unknown => members(WebAssembly.Memory.prototype, names);
const Table_ = (names: string[]): unknown => members(WebAssembly.Table.prototype, names);

export const objectCases: CaseTable = { ...memories, ...tablesAndGlobals, ...shapes };
