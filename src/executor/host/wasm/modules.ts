/** Compiled modules by content. Every one that runs has fuel checks in it. */
import type { HostContext, HostValue } from "../host-function.ts";
import { HostError } from "../host-function.ts";
import { Reader, UnknownForm } from "./bytes.ts";
import { instrument } from "./instrument.ts";
import { readModule, type ExportShape, type ModuleShape } from "./module-shape.ts";

const KEPT = 16;
const MODULE_BYTES_MAX = 16 * 1_048_576;

interface Known {
  shape: ModuleShape;
  bytes: Uint8Array<ArrayBuffer>;
  compiled: Map<number, WebAssembly.Module>;
}

const known = new Map<string, Known>();

export const compileError = (message: string): HostError =>
  new HostError("CompileError", message, "wasm");
export const linkError = (message: string): HostError =>
  new HostError("LinkError", message, "wasm");
export const runtimeError = (message: string): HostError =>
  new HostError("RuntimeError", message, "wasm");

function keyOf(context: HostContext, bytes: Uint8Array): string {
  return `${context.script.appId} ${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
}

export function validate(bytes: Uint8Array): boolean {
  return WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>);
}

/** The engine's own words for what is wrong. */
function whyInvalid(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new WebAssembly.Module(bytes) instanceof WebAssembly.Module
      ? "the module is not valid"
      : "";
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/ \(evaluating '[^]*'\)$/, "")
      : String(error);
  }
}

function refuse(error: unknown): never {
  if (error instanceof UnknownForm)
    throw compileError(`This module cannot run in PiCloud: it uses ${error.message}`);
  throw error;
}

/** Throws CompileError for what is not valid, too large, or cannot be bounded. */
export function learnModule(
  context: HostContext,
  given: Uint8Array,
): { key: string; shape: ModuleShape } {
  if (given.byteLength > MODULE_BYTES_MAX)
    throw compileError(`The module has ${given.byteLength} bytes, more than ${MODULE_BYTES_MAX}`);
  const key = keyOf(context, given);
  const found = known.get(key);
  if (found) return { key, shape: found.shape };
  const bytes = new Uint8Array(given);
  if (!validate(bytes)) throw compileError(whyInvalid(bytes));
  try {
    const shape = readModule(bytes);
    known.set(key, { shape, bytes, compiled: new Map() });
    if (known.size > KEPT) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    return { key, shape };
  } catch (error) {
    return refuse(error);
  }
}

/** Undefined when the module has been forgotten: it has to be learned again. */
export function compiledModule(
  key: string,
  memoryPages: number,
): { module: WebAssembly.Module; shape: ModuleShape } | undefined {
  const found = known.get(key);
  if (!found) return undefined;
  known.delete(key);
  known.set(key, found);
  const ready = found.compiled.get(memoryPages);
  if (ready) return { module: ready, shape: found.shape };
  try {
    const module = new WebAssembly.Module(instrument(found.bytes, found.shape, { memoryPages }));
    found.compiled.set(memoryPages, module);
    return { module, shape: found.shape };
  } catch (error) {
    return refuse(error);
  }
}

export function typeOfExport(shape: ModuleShape, { kind, index }: ExportShape): unknown {
  if (kind === "function") return shape.functions[index];
  if (kind === "global") return shape.globals[index];
  if (kind === "table") return shape.tables[index];
  return kind === "memory" ? shape.memories[index] : shape.tags[index];
}

/** What the guest keeps of a module. */
export function describeModule({ key, shape }: { key: string; shape: ModuleShape }): string {
  let [functions, globals] = [0, 0];
  const imports = shape.imports.map((entry) => {
    if (entry.kind === "function") return { ...entry, type: shape.functions[functions++] };
    return entry.kind === "global" ? { ...entry, type: shape.globals[globals++] } : entry;
  });
  const exports = shape.exports.map((entry) => ({
    name: entry.name,
    kind: entry.kind,
    type: typeOfExport(shape, entry),
  }));
  return JSON.stringify({ key, imports, exports });
}

/** From where to where the contents of the custom sections of that name lie. */
export function customSections(bytes: Uint8Array, name: HostValue): string {
  const places: [from: number, to: number][] = [];
  for (const { id, from, to } of readModule(bytes).sections) {
    if (id !== 0) continue;
    const reader = new Reader(bytes, from, to);
    if (reader.name() === name) places.push([reader.at, to]);
  }
  return JSON.stringify(places);
}
