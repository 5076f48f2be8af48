/** The engine's WebAssembly module, compiled once per process. */
import enginePath from "@jitl/quickjs-ng-wasmfile-release-sync/wasm" with { type: "file" };

let compiled: Promise<WebAssembly.Module> | undefined;

export function engineModule(): Promise<WebAssembly.Module> {
  compiled ??= Bun.file(enginePath)
    .arrayBuffer()
    .then((bytes) => WebAssembly.compile(bytes));
  return compiled;
}
