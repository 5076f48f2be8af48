/**
 * Bytecode of the guest's parts. Reading bytecode takes a fraction of the time that compiling takes, and
 * leaves no holes in the heap of an image.
 */
import { Machine } from "./machine.ts";
import { PAGES_MAX } from "./machines.ts";

const SOURCE_PAGES = 192;

const compilers = new WeakMap<WebAssembly.Module, Machine>();
/** By file name and source. */
const compiled = new Map<string, Uint8Array>();

/** The compiled script; compiled once per process. */
export function partBytecode(
  module: WebAssembly.Module,
  fileName: string,
  source: string,
): Uint8Array {
  const key = `${fileName}\0${source}`;
  let bytecode = compiled.get(key);
  if (bytecode === undefined) {
    bytecode = compilerOf(module).compile(source, fileName);
    compiled.set(key, bytecode);
  }
  return bytecode;
}

function compilerOf(module: WebAssembly.Module): Machine {
  let machine = compilers.get(module);
  if (machine === undefined) {
    machine = new Machine(module, PAGES_MAX);
    machine.memory.grow(SOURCE_PAGES);
    machine.renewViews();
    machine.initialize();
    machine.roots.wrapBytes = machine.evaluate("(buffer) => new Uint8Array(buffer)", "compiler");
    compilers.set(module, machine);
  }
  return machine;
}
