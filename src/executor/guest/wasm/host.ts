/** The host's side; see host/wasm. */
import { bindHost } from "../bridge.ts";

export const host = {
  token: bindHost("wasm.token"),
  validate: bindHost("wasm.validate"),
  compile: bindHost("wasm.compile"),
  customSections: bindHost("wasm.customSections"),
  instantiate: bindHost("wasm.instantiate"),
  describeFunction: bindHost("wasm.describeFunction"),
  call: bindHost("wasm.call"),
  returned: bindHost("wasm.returned"),
  newMemory: bindHost("wasm.newMemory"),
  grow: bindHost("wasm.grow"),
  memoryBytes: bindHost("wasm.memoryBytes"),
  copyOut: bindHost("wasm.copyOut"),
  copyIn: bindHost("wasm.copyIn"),
  newTable: bindHost("wasm.newTable"),
  tableLength: bindHost("wasm.tableLength"),
  tableGet: bindHost("wasm.tableGet"),
  tableSet: bindHost("wasm.tableSet"),
  tableGrow: bindHost("wasm.tableGrow"),
  newGlobal: bindHost("wasm.newGlobal"),
  globalGet: bindHost("wasm.globalGet"),
  globalSet: bindHost("wasm.globalSet"),
  newTag: bindHost("wasm.newTag"),
};
