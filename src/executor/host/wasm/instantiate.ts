/** Makes an instance with its imports bound, and numbers what it exports. */
import type { HostValue } from "../host-function.ts";
import { HIDDEN, maximumPages, NUMERIC } from "./instrument.ts";
import { compiledModule, linkError } from "./modules.ts";
import type { Bounds, ExportShape, FunctionType, GlobalType, ModuleShape } from "./module-shape.ts";
import type { WasmStore } from "./store.ts";
import { toWasm } from "./values.ts";

/** How the guest says what an import is: one member, a number of ours or of the guest's. */
export interface ImportBinding {
  function?: number;
  callback?: number;
  memory?: number;
  table?: number;
  global?: number;
  tag?: number;
  /** A number or bigint for an immutable global. */
  value?: HostValue;
}

interface NumberedExport {
  name: string;
  kind: string;
  id: number;
  type?: unknown;
  /** A function's index in its module. */
  index?: number;
}

export interface Instantiated {
  exports: NumberedExport[];
  /** To be called once, unless the instance is made again for an image. */
  start: number | null;
  /** Numbers of memories and globals that hold state, exported or not, of this instance. */
  memories: number[];
  globals: { id: number; type: string }[];
}

/** (module (import "" "c" (func (result i32))) (export "c" (func 0))): makes a host function one that tables take. */
const ADAPTER = new WebAssembly.Module(
  // prettier-ignore
  new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 2, 6, 1, 0, 1, 99, 0, 0, 7, 5, 1, 1, 99, 0, 0]),
);

const adapt = (check: () => number): unknown =>
  new WebAssembly.Instance(ADAPTER, { "": { c: check } }).exports["c"];

function bind(
  store: WasmStore,
  binding: ImportBinding,
  type: FunctionType | GlobalType | undefined,
): unknown {
  if (binding.function !== undefined) return store.functionOf(binding.function);
  if (binding.callback !== undefined) return store.callback(binding.callback, type as FunctionType);
  if (binding.memory !== undefined) return store.memories[binding.memory];
  if (binding.table !== undefined) return store.tables[binding.table]?.table;
  if (binding.global !== undefined) return store.globals[binding.global]?.global;
  if (binding.tag !== undefined) return store.tags[binding.tag]?.tag;
  const { value } = type as GlobalType;
  // A reference goes as it is: a global of it would fit only one of null and not null.
  if (!NUMERIC.has(value)) return toWasm(store, value, binding.value ?? null);
  const global = { value: value as WebAssembly.ValueType, mutable: false };
  return new WebAssembly.Global(global, toWasm(store, value, binding.value ?? null));
}

function bindImports(
  store: WasmStore,
  shape: ModuleShape,
  bindings: ImportBinding[],
): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
  const seen = { function: 0, table: 0, memory: 0, global: 0, tag: 0 };
  shape.imports.forEach(({ module, name, kind }, index) => {
    const place = seen[kind]++;
    const type =
      kind === "function"
        ? shape.functions[place]
        : kind === "global"
          ? shape.globals[place]
          : undefined;
    const binding = bindings[index];
    if (!binding) throw linkError(`Import ${index} "${module}" "${name}": nothing was given`);
    const names = (imports[module] ??= Object.create(null) as Record<
      string,
      WebAssembly.ImportValue
    >);
    names[name] = bind(store, binding, type) as WebAssembly.ImportValue;
  });
  return imports;
}

function number(
  store: WasmStore,
  shape: ModuleShape,
  { name, kind, index }: ExportShape,
  value: unknown,
): NumberedExport {
  store.count();
  if (kind === "function") {
    const type = shape.functions[index];
    return { name, kind, id: store.functions.numberOf(value, true, type), type, index };
  }
  if (kind === "memory")
    return { name, kind, id: keep(store.memories, value as WebAssembly.Memory) };
  if (kind === "table") {
    const { element = "funcref" } = shape.tables[index] ?? {};
    const known = store.tables.findIndex(({ table }) => table === value);
    return {
      name,
      kind,
      type: element,
      id:
        known >= 0 ? known : store.tables.push({ table: value as WebAssembly.Table, element }) - 1,
    };
  }
  if (kind === "global") {
    const type = shape.globals[index] ?? { value: "i32", mutable: false };
    const known = store.globals.findIndex(({ global }) => global === value);
    return {
      name,
      kind,
      type,
      id:
        known >= 0
          ? known
          : store.globals.push({ global: value as WebAssembly.Global, ...type }) - 1,
    };
  }
  const { params } = shape.tags[index] ?? { params: [] };
  const known = store.tags.findIndex(({ tag }) => tag === value);
  return {
    name,
    kind,
    type: params,
    id: known >= 0 ? known : store.tags.push({ tag: value as WebAssembly.Tag, params }) - 1,
  };
}

function keep<T>(list: T[], item: T): number {
  const known = list.indexOf(item);
  return known >= 0 ? known : list.push(item) - 1;
}

/** State that the module defines itself, whether it exports it or not. */
function hiddenState(
  store: WasmStore,
  shape: ModuleShape,
  exports: WebAssembly.Exports,
): Pick<Instantiated, "memories" | "globals"> {
  const memories: number[] = [];
  const globals: { id: number; type: string }[] = [];
  shape.memories.forEach((_memory, index) => {
    const memory = exports[`${HIDDEN.memory}${index}`];
    if (memory !== undefined) memories.push(keep(store.memories, memory as WebAssembly.Memory));
  });
  shape.globals.forEach((type, index) => {
    const global = exports[`${HIDDEN.global}${index}`] as WebAssembly.Global | undefined;
    if (global === undefined) return;
    const known = store.globals.findIndex((candidate) => candidate.global === global);
    globals.push({
      id: known >= 0 ? known : store.globals.push({ global, ...type }) - 1,
      type: type.value,
    });
  });
  return { memories, globals };
}

/** The memories that the module defines, by the names under which it imports them now. */
function ownMemories(store: WasmStore, own: readonly Bounds[]): Record<string, WebAssembly.Memory> {
  const limits = { memoryPages: store.memoryPages };
  return Object.fromEntries(
    own.map((bounds, index) => [
      `${HIDDEN.memory}${index}`,
      store.borrowMemory(bounds.minimum, maximumPages(bounds, limits)),
    ]),
  );
}

/** Undefined when the module has to be learned again. */
export function instantiate(
  store: WasmStore,
  key: string,
  bindings: ImportBinding[],
): Instantiated | undefined {
  store.count();
  const compiled = compiledModule(key, store.memoryPages);
  if (!compiled) return undefined;
  const { module, shape } = compiled;
  store.functions.addModule(shape);
  const own = shape.memories.slice(shape.imported.memory);
  store.requireRoom(own.reduce((sum, { minimum }) => sum + minimum, 0));
  return store.enter(() => {
    const imports = bindImports(store, shape, bindings);
    imports[HIDDEN.module] = ownMemories(store, own);
    const { exports } = new WebAssembly.Instance(module, imports);
    const fuel = exports[HIDDEN.fuel] as WebAssembly.Global;
    (exports[HIDDEN.table] as WebAssembly.Table).set(0, adapt(store.checkFor(() => fuel)));
    const hidden = hiddenState(store, shape, exports);
    const start =
      shape.start === undefined
        ? null
        : store.functions.numberOf(exports[HIDDEN.start], true, { params: [], results: [] });
    return {
      exports: shape.exports.map((entry) => number(store, shape, entry, exports[entry.name])),
      start,
      ...hidden,
    };
  });
}
