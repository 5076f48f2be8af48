/** The engine's WebAssembly module, compiled once per process. Made by scripts/build-engine.ts. */
import enginePath from "./engine.wasm" with { type: "file" };

let compiled: Promise<WebAssembly.Module> | undefined;

export function engineModule(): Promise<WebAssembly.Module> {
  compiled ??= engineBytes().then((bytes) => WebAssembly.compile(bytes));
  return compiled;
}

export function engineBytes(): Promise<ArrayBuffer> {
  return Bun.file(enginePath).arrayBuffer();
}
