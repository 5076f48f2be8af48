/** Everything that the guest's `wasm` part calls. */
import type { HostContext, HostOperations, HostValue } from "../host-function.ts";
import { HostError } from "../host-function.ts";
import { instantiate, type ImportBinding } from "./instantiate.ts";
import { customSections, describeModule, learnModule, validate } from "./modules.ts";
import { WasmStore, type WasmGlobal, type WasmTable } from "./store.ts";
import { fromWasm, toWasm } from "./values.ts";

const TABLE_MAX = 100_000;

const bytesOf = (value: HostValue): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(0);
const store = (context: HostContext): WasmStore => WasmStore.of(context);

function memoryOf(context: HostContext, id: HostValue): WebAssembly.Memory {
  const memory = store(context).memories[Number(id)];
  if (!memory) throw new HostError("TypeError", "The wasm memory is gone");
  return memory;
}

function tableOf(context: HostContext, id: HostValue): WasmTable {
  const table = store(context).tables[Number(id)];
  if (!table) throw new HostError("TypeError", "The wasm table is gone");
  return table;
}

function globalOf(context: HostContext, id: HostValue): WasmGlobal {
  const global = store(context).globals[Number(id)];
  if (!global) throw new HostError("TypeError", "The wasm global is gone");
  return global;
}

function newMemory(context: HostContext, initial: number, maximum: HostValue): number {
  const owner = store(context);
  owner.count();
  owner.requireRoom(initial);
  const pages = Math.min(
    typeof maximum === "number" ? maximum : owner.memoryPages,
    owner.memoryPages,
  );
  const memory = owner.enter(() => owner.borrowMemory(initial, pages));
  return owner.memories.push(memory) - 1;
}

function newTable(
  context: HostContext,
  element: string,
  initial: number,
  maximum: HostValue,
  init: HostValue,
): number {
  const owner = store(context);
  owner.count();
  if (initial > TABLE_MAX)
    throw new HostError(
      "RangeError",
      `Cannot make a table of ${initial} elements: ${TABLE_MAX} is the most`,
    );
  const most = Math.min(typeof maximum === "number" ? maximum : TABLE_MAX, TABLE_MAX);
  const descriptor = {
    element: element === "funcref" ? "anyfunc" : "externref",
    initial,
    maximum: most,
  } as WebAssembly.TableDescriptor;
  const table = owner.enter(() => new WebAssembly.Table(descriptor, toWasm(owner, element, init)));
  return owner.tables.push({ table, element }) - 1;
}

function newGlobal(
  context: HostContext,
  value: string,
  mutable: boolean,
  initial: HostValue,
): number {
  const owner = store(context);
  owner.count();
  const descriptor = {
    value: (value === "funcref" ? "anyfunc" : value) as WebAssembly.ValueType,
    mutable,
  };
  const global = owner.enter(
    () => new WebAssembly.Global(descriptor, toWasm(owner, value, initial) as number),
  );
  return owner.globals.push({ global, value, mutable }) - 1;
}

function newTag(context: HostContext, json: HostValue): number {
  const owner = store(context);
  owner.count();
  if (json === "js") {
    const { JSTag } = WebAssembly as typeof WebAssembly & { JSTag: WebAssembly.Tag };
    return owner.tags.push({ tag: JSTag, params: ["externref"] }) - 1;
  }
  const params = JSON.parse(String(json)) as string[];
  const tag = owner.enter(
    () => new WebAssembly.Tag({ parameters: params as WebAssembly.ValueType[] }),
  );
  return owner.tags.push({ tag, params }) - 1;
}

/** Bytes that were not copied because the sizes differ; the guest then resizes its side and asks again. */
function copyOut(context: HostContext, id: HostValue, view: HostValue): number {
  const source = new Uint8Array(memoryOf(context, id).buffer);
  const target = bytesOf(view);
  if (source.byteLength === target.byteLength) {
    target.set(source);
    context.wrote(target);
  }
  return source.byteLength;
}

function copyIn(context: HostContext, id: HostValue, view: HostValue): undefined {
  const memory = memoryOf(context, id);
  const source = bytesOf(view);
  const missing = Math.ceil((source.byteLength - memory.buffer.byteLength) / 65_536);
  if (missing > 0) {
    store(context).requireRoom(missing);
    store(context).enter(() => memory.grow(missing));
  }
  new Uint8Array(memory.buffer).set(source);
  return undefined;
}

const memoryOperations: HostOperations = {
  "wasm.newMemory": (context, initial, maximum) => newMemory(context, Number(initial), maximum),
  "wasm.grow": (context, id, delta) => {
    store(context).requireRoom(Number(delta));
    return store(context).enter(() => memoryOf(context, id).grow(Number(delta)));
  },
  "wasm.memoryBytes": (context, id) => memoryOf(context, id).buffer.byteLength,
  "wasm.copyOut": (context, id, view) => copyOut(context, id, view),
  "wasm.copyIn": (context, id, view) => copyIn(context, id, view),
};

const tableOperations: HostOperations = {
  "wasm.newTable": (context, element, initial, maximum, init) =>
    newTable(context, String(element), Number(initial), maximum, init),
  "wasm.tableLength": (context, id) => tableOf(context, id).table.length,
  "wasm.tableGet": (context, id, index) => {
    const { table, element } = tableOf(context, id);
    const owner = store(context);
    return owner.enter(() => {
      const value: unknown = table.get(Number(index));
      if (element === "funcref" && value !== null) return owner.functions.numberOf(value, true);
      return fromWasm(owner, element, value);
    });
  },
  "wasm.tableSet": (context, id, index, value) => {
    const { table, element } = tableOf(context, id);
    store(context).enter(() =>
      table.set(Number(index), toWasm(store(context), element, value ?? null)),
    );
    return undefined;
  },
  "wasm.tableGrow": (context, id, delta, value) => {
    const { table, element } = tableOf(context, id);
    return store(context).enter(() =>
      table.grow(Number(delta), toWasm(store(context), element, value ?? null)),
    );
  },
};

const globalOperations: HostOperations = {
  "wasm.newGlobal": (context, value, mutable, initial) =>
    newGlobal(context, String(value), mutable === true, initial),
  "wasm.globalGet": (context, id) => {
    const { global, value } = globalOf(context, id);
    return fromWasm(store(context), value, global.value as unknown);
  },
  "wasm.globalSet": (context, id, given) => {
    const { global, value } = globalOf(context, id);
    store(context).enter(() => {
      global.value = toWasm(store(context), value, given) as number;
    });
    return undefined;
  },
};

export const wasmOperations: HostOperations = {
  ...memoryOperations,
  ...tableOperations,
  ...globalOperations,
  "wasm.token": (context) => store(context).token,
  "wasm.validate": (_context, bytes) => validate(bytesOf(bytes)),
  "wasm.compile": (context, bytes) => describeModule(learnModule(context, bytesOf(bytes))),
  "wasm.customSections": (_context, bytes, name) => customSections(bytesOf(bytes), name),
  "wasm.instantiate": (context, key, bindings) => {
    const made = instantiate(
      store(context),
      String(key),
      JSON.parse(String(bindings)) as ImportBinding[],
    );
    return made === undefined ? null : JSON.stringify(made);
  },
  "wasm.newTag": (context, params) => newTag(context, params),
  "wasm.describeFunction": (context, id) => {
    const { run, type } = store(context).functions.get(Number(id));
    return JSON.stringify({ ...type, name: run.name });
  },
  "wasm.call": (context, id, list, ...inline) => store(context).call(Number(id), list, inline),
  "wasm.returned": (context, kind, value, args) => {
    const owner = store(context);
    if (kind === 0) owner.returned = { kind, value };
    else if (kind === 1) owner.returned = { kind, reference: Number(value) };
    else owner.returned = { kind: 2, tag: Number(value), args };
    return undefined;
  },
};
