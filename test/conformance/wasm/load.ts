import { MODULES } from "./modules.ts";

export type Name = keyof typeof MODULES;

// What scripts see is looser than the library's types, and cases call it wrongly on purpose.
type Loose = Record<string, (...args: unknown[]) => unknown>;

export const bytesOf = (name: Name): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(MODULES[name]), (character) => character.charCodeAt(0));
export const moduleOf = (name: Name): WebAssembly.Module => new WebAssembly.Module(bytesOf(name));
export const instanceOf = (name: Name, imports?: WebAssembly.Imports): WebAssembly.Instance =>
  new WebAssembly.Instance(moduleOf(name), imports);
export const exportsOf = (name: Name, imports?: WebAssembly.Imports): Loose =>
  instanceOf(name, imports).exports as Loose;

/** The name of what is thrown, or the value. */
export function nameOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error.name : `thrown ${String(error)}`;
  }
}
