/** What a module may import without being given it: string constants, and the functions of `wasm:js-string`. */
import { CompileError, RuntimeError } from "./errors.ts";
import { addCallback, type FunctionType } from "./functions.ts";
import { toHost } from "./values.ts";

export interface ExternType {
  name: string;
  kind: string;
  type?: unknown;
}
export interface ImportType extends ExternType {
  module: string;
  type?: FunctionType | { value: string; mutable: boolean };
  /** What is bound without having been given. */
  builtin?: object;
}
const { charCodeAt, codePointAt, substring } = String.prototype;
const { fromCharCode, fromCodePoint } = String;

function text(value: unknown): string {
  if (typeof value !== "string") throw new RuntimeError("The value is not a string");
  return value;
}

function place(value: unknown, index: unknown): number {
  const at = (index as number) >>> 0;
  if (at >= text(value).length) throw new RuntimeError("The index is outside the string");
  return at;
}

function fromPoint(point: unknown): string {
  const code = (point as number) >>> 0;
  if (code > 0x10_ffff) throw new RuntimeError("The number is no code point");
  return fromCodePoint(code);
}

const orNull = (value: unknown): string | null => (value === null ? null : text(value));

type Builtin = [signature: string, run: (...args: unknown[]) => unknown];

const STRING_FUNCTIONS: Readonly<Record<string, Builtin>> = {
  test: ["externref:i32", (value) => Number(typeof value === "string")],
  cast: ["externref:externref", text],
  fromCharCode: ["i32:externref", (code) => fromCharCode(code as number)],
  fromCodePoint: ["i32:externref", fromPoint],
  charCodeAt: [
    "externref,i32:i32",
    (value, at) => charCodeAt.call(value as string, place(value, at)),
  ],
  codePointAt: [
    "externref,i32:i32",
    (value, at) => codePointAt.call(value as string, place(value, at)),
  ],
  length: ["externref:i32", (value) => text(value).length],
  concat: ["externref,externref:externref", (a, b) => text(a) + text(b)],
  substring: [
    "externref,i32,i32:externref",
    (value, from, to) => {
      const [first, last] = [(from as number) >>> 0, (to as number) >>> 0];
      return first > last ? "" : substring.call(text(value), first, last);
    },
  ],
  equals: ["externref,externref:i32", (a, b) => Number(orNull(a) === orNull(b))],
  compare: [
    "externref,externref:i32",
    (a, b) => (text(a) === text(b) ? 0 : text(a) < text(b) ? -1 : 1),
  ],
};
/** They take arrays of wasm, whose elements only wasm can reach here. */
const WITH_ARRAYS = ["fromCharCodeArray", "intoCharCodeArray"];

function stringConstant({ kind, name, type }: ImportType): object {
  const { value, mutable } = (type ?? {}) as { value?: string; mutable?: boolean };
  if (kind !== "global" || value !== "externref" || mutable === true)
    throw new CompileError(`The string constant "${name}" is not an immutable global of externref`);
  return { value: toHost("externref", name) };
}

function stringFunction({ kind, name, type }: ImportType): object | undefined {
  if (WITH_ARRAYS.includes(name))
    throw new CompileError(`The builtin "${name}" of wasm:js-string is not available in PiCloud`);
  const [signature, run] = STRING_FUNCTIONS[name] ?? [];
  if (run === undefined) return undefined;
  const { params = [], results = [] } = (type ?? {}) as Partial<FunctionType>;
  if (kind !== "function" || `${params.join()}:${results.join()}` !== signature)
    throw new CompileError(`The builtin "${name}" of wasm:js-string has another type`);
  return { callback: addCallback(run, { params, results }) };
}

/** Gives the imports that the options of a compilation provide their bindings. */
export function bindBuiltins(imports: ImportType[], options: unknown): void {
  if (options === undefined || options === null) return;
  const { builtins, importedStringConstants: namespace } = options as Record<string, unknown>;
  const sets = builtins === undefined ? [] : Array.from(builtins as Iterable<unknown>, String);
  const constants = namespace === undefined ? undefined : String(namespace);
  for (const entry of imports) {
    if (entry.module === constants) entry.builtin = stringConstant(entry);
    else if (entry.module === "wasm:js-string" && sets.includes("js-string")) {
      const binding = stringFunction(entry);
      if (binding !== undefined) entry.builtin = binding;
    }
  }
}
