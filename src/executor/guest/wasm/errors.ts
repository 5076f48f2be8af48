/** The three error classes, and how host failures become them. */
import { kernel } from "../bridge.ts";
import { referenced } from "./references.ts";

function errorClass(name: string): new (message?: string, options?: ErrorOptions) => Error {
  const Class = class extends Error {};
  Object.defineProperty(Class, "length", { value: 1, configurable: true });
  Object.defineProperty(Class, "name", { value: name, configurable: true });
  Object.defineProperty(Class.prototype, "name", {
    value: name,
    writable: true,
    configurable: true,
  });
  Object.defineProperty(Class.prototype, "message", {
    value: "",
    writable: true,
    configurable: true,
  });
  return Class;
}

export const CompileError = errorClass("CompileError");
export const LinkError = errorClass("LinkError");
export const RuntimeError = errorClass("RuntimeError");

const CLASSES: Record<string, new (message?: string) => Error> = {
  CompileError,
  LinkError,
  RuntimeError,
};

/** `exception` makes a WebAssembly.Exception of what wasm threw. */
export function raiseWasmErrors(exception: (json: string) => unknown): void {
  const { raise } = kernel;
  kernel.raise = (name, message, code) => {
    if (code === "wasm-thrown") return referenced(Number(message));
    if (code === "wasm-exception") return exception(message);
    const Class = code === "wasm" ? CLASSES[name] : undefined;
    return Class ? new Class(message) : raise(name, message, code);
  };
}
