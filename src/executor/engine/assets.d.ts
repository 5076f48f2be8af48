declare module "@jitl/quickjs-ng-wasmfile-release-sync/wasm" {
  const path: string;
  export default path;
}
