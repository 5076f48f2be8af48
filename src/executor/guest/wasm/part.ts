/** Entry of the `wasm` part. */
import { bytesOf } from "../crypto/convert.ts";
import { definePart } from "../registry.ts";
import { CompileError, LinkError, raiseWasmErrors, RuntimeError } from "./errors.ts";
import { Exception, exceptionFrom, jsTag, Tag } from "./exception.ts";
import { host } from "./host.ts";
import { Instance } from "./instance.ts";
import { isModule, Module } from "./module.ts";
import { Global, Memory, Table } from "./objects.ts";
import { refuseMemory } from "./store.ts";

interface Instantiated {
  module: Module;
  instance: Instance;
}

interface ResponseLike {
  ok: boolean;
  status: number;
  headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

async function bytesOfResponse(source: unknown): Promise<ArrayBuffer> {
  const { Response } = globalThis as unknown as { Response: new () => ResponseLike };
  const response = await source;
  if (!(response instanceof Response))
    throw new TypeError("Cannot compile: the source is not a Response");
  if (response.headers.get("content-type")?.toLowerCase().trim() !== "application/wasm") {
    throw new TypeError("Invalid WebAssembly content type: the response's is not application/wasm");
  }
  if (!response.ok)
    throw new TypeError(`Cannot compile: the response's status is ${response.status}`);
  return response.arrayBuffer();
}

const functions = {
  validate(bytes: unknown): boolean {
    return host.validate(bytesOf(bytes, "the module")) as boolean;
  },
  async compile(bytes: unknown, options?: unknown): Promise<Module> {
    return new Module(bytes, options);
  },
  async instantiate(
    source: unknown,
    imports?: unknown,
    options?: unknown,
  ): Promise<Instantiated | Instance> {
    if (isModule(source)) return new Instance(source, imports);
    const module = new Module(source, options);
    // The imports are read when the module is compiled, which takes a while.
    await Promise.resolve();
    return { module, instance: new Instance(module, imports) };
  },
  async compileStreaming(source: unknown, options?: unknown): Promise<Module> {
    return new Module(await bytesOfResponse(source), options);
  },
  async instantiateStreaming(
    source: unknown,
    imports?: unknown,
    options?: unknown,
  ): Promise<Instantiated> {
    const module = new Module(await bytesOfResponse(source), options);
    return { module, instance: new Instance(module, imports) };
  },
};

const WebAssembly = {};
for (const [name, value] of Object.entries(functions)) {
  Object.defineProperty(value, "length", { value: 1, configurable: true });
  Object.defineProperty(WebAssembly, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: true,
  });
}
for (const [name, value] of Object.entries({
  CompileError,
  Exception,
  Global,
  Instance,
  LinkError,
  Memory,
  Module,
  RuntimeError,
  Table,
  Tag,
})) {
  Object.defineProperty(WebAssembly, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
let tag: Tag | undefined;
Object.defineProperty(WebAssembly, "JSTag", {
  get: () => (tag ??= jsTag()),
  configurable: true,
  enumerable: true,
});
Object.defineProperty(WebAssembly, Symbol.toStringTag, {
  value: "WebAssembly",
  configurable: true,
});

raiseWasmErrors(exceptionFrom);
const part = { WebAssembly, refuseMemory };
export type WasmPart = typeof part;
definePart("wasm", part);
