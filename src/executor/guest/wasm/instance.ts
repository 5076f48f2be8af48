/** Instance: reads the imports, has the host link them, and shows what it exports. */
import type { ImportType } from "./builtins.ts";
import { defineWasmInterface } from "./descriptors.ts";
import { LinkError } from "./errors.ts";
import { tagFor, tagNumber } from "./exception.ts";
import { exportedNumber, type Callable } from "./function-numbers.ts";
import { addCallback, callFunction, exportFunction, type FunctionType } from "./functions.ts";
import { host } from "./host.ts";
import { moduleSlots, type ModuleSlots } from "./module.ts";
import { globals, globalSlots, memories, memoryId, tables, tableSlots } from "./objects.ts";
import { memoryState, perform, pullMemories, pushMemories, trackGlobal, wake } from "./store.ts";
import { toHost } from "./values.ts";

interface Instantiated {
  exports: { name: string; kind: string; id: number; type?: unknown; index?: number }[];
  start: number | null;
  memories: number[];
  globals: { id: number; type: string }[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  (typeof value === "object" && value !== null) || typeof value === "function";

function bindFunction(value: unknown, type: FunctionType): object | undefined {
  if (typeof value !== "function") return undefined;
  const number = exportedNumber(value as Callable);
  return number === undefined
    ? { callback: addCallback(value as Callable, type) }
    : { function: number };
}

function bindGlobal(value: unknown, type: string): object | undefined {
  const slots = globalSlots(value);
  if (slots) return { global: slots.id };
  if (
    type === "i64"
      ? typeof value === "bigint"
      : type.startsWith("i32") || type.startsWith("f")
        ? typeof value === "number"
        : true
  ) {
    if (
      type === "funcref" &&
      value !== null &&
      (typeof value !== "function" || exportedNumber(value as Callable) === undefined)
    )
      return undefined;
    return { value: toHost(type, value) };
  }
  return undefined;
}

const numbered = (member: string, id: number | undefined): object | undefined =>
  id === undefined ? undefined : { [member]: id };

function bind({ kind, type }: ImportType, value: unknown): object | undefined {
  if (kind === "function") return bindFunction(value, type as FunctionType);
  if (kind === "global") return bindGlobal(value, (type as { value: string }).value);
  if (kind === "memory") return numbered("memory", memoryId(value));
  if (kind === "table") return numbered("table", tableSlots(value)?.id);
  return numbered("tag", tagNumber(value));
}

function readImports({ imports }: ModuleSlots, given: unknown): object[] {
  if (given !== undefined && !isObject(given))
    throw new TypeError("Cannot instantiate: the imports are not an object");
  if (given === undefined && imports.some(({ builtin }) => builtin === undefined))
    throw new TypeError("Cannot instantiate: the module has imports, and none are given");
  return imports.map((entry, index) => {
    if (entry.builtin !== undefined) return entry.builtin;
    const from = (given as Record<string, unknown>)[entry.module];
    const place = `Import ${index} "${entry.module}" "${entry.name}"`;
    if (!isObject(from)) throw new TypeError(`${place}: "${entry.module}" is not an object`);
    const binding = bind(entry, from[entry.name]);
    if (!binding) throw new LinkError(`${place}: the value is not a ${entry.kind} that fits`);
    return binding;
  });
}

function makeOnHost(slots: ModuleSlots, bindings: string): Instantiated {
  let made = host.instantiate(slots.key, bindings);
  if (made === null) {
    host.compile(slots.bytes);
    made = host.instantiate(slots.key, bindings);
  }
  return JSON.parse(made as string) as Instantiated;
}

function exportValue({ kind, id, type, index }: Instantiated["exports"][number]): unknown {
  if (kind === "function") return exportFunction(id, type as FunctionType, String(index));
  if (kind === "memory") return memories.objectFor({ id });
  if (kind === "table") return tables.objectFor({ id, element: type as string });
  if (kind === "tag") return tagFor(id, type as string[]);
  const { value, mutable } = type as { value: string; mutable: boolean };
  return globals.objectFor({ id, type: value, mutable });
}

function instantiateNow(slots: ModuleSlots, importObject: unknown): object {
  const bindings = JSON.stringify(readImports(slots, importObject));
  wake();
  pushMemories();
  const made = perform(() => makeOnHost(slots, bindings));
  for (const id of made.memories) memoryState(id);
  for (const { id } of made.globals) trackGlobal(id);
  pullMemories();
  const exports: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const entry of made.exports) exports[entry.name] = exportValue(entry);
  if (made.start !== null) callFunction(made.start, { params: [], results: [] }, []);
  return Object.freeze(exports);
}

export class Instance {
  #exports: object;
  constructor(module: unknown, importObject?: unknown) {
    this.#exports = instantiateNow(moduleSlots(module), importObject);
  }
  get exports(): object {
    return this.#exports;
  }
}

defineWasmInterface(Instance, "Instance", 1);
