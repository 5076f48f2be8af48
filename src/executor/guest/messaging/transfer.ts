/** Transferable objects: ArrayBuffer, MessagePort and the three streams. */
import { toDictionary } from "../events/idl.ts";
import type { Streams } from "../streams/part.ts";
import type { WasmPart } from "../wasm/part.ts";
import { hasPart, usePart } from "../registry.ts";
import { isArrayBuffer } from "./brands.ts";
import { cloneError, dataCloneError } from "./clone-object.ts";
import { Cloner, type Transferred } from "./clone.ts";

const { apply } = Reflect;
const { transfer: transferBuffer } = ArrayBuffer.prototype;

/** What message-port.ts puts in here, which builds on this file. */
interface Ports {
  isPort(value: unknown): boolean;
  isDetached(port: object): boolean;
  transfer(port: object): object;
}
let portHooks: Ports;
export function providePorts(hooks: Ports): void {
  portHooks = hooks;
}

interface Transfer {
  placeholder: Transferred;
  run(): unknown;
}

/** What a transfer does once the message is complete: earlier transfers and getters may have taken the object away. */
function transferOf(object: object, index: number): () => unknown {
  if (portHooks.isPort(object)) {
    return () => {
      if (portHooks.isDetached(object)) throw cloneError("A closed MessagePort");
      return portHooks.transfer(object);
    };
  }
  if (hasPart("streams")) {
    const streams = usePart<Streams>("streams");
    const transfer = streams.transferStream(object, (chunk) => structuredCloneOf(chunk, []).value);
    if (transfer !== undefined) return transfer;
  }
  if (isArrayBuffer(object)) {
    refuseDetached(object as ArrayBuffer, index);
    return () => moveBuffer(object as ArrayBuffer, index);
  }
  throw dataCloneError(
    "Value not transferable: a member of the transfer list is no transferable object",
  );
}

function refuseDetached(buffer: ArrayBuffer, index: number): void {
  if (buffer.detached) throw dataCloneError(`ArrayBuffer at index ${index} is already detached`);
}

function moveBuffer(buffer: ArrayBuffer, index: number): unknown {
  refuseDetached(buffer, index);
  if (hasPart("wasm")) usePart<WasmPart>("wasm").refuseMemory(buffer);
  return apply(transferBuffer, buffer, []);
}

/** WebIDL sequence<object>. */
export function readTransferList(value: unknown): object[] {
  const list = [...(value as Iterable<unknown>)];
  for (const item of list) {
    if ((typeof item !== "object" && typeof item !== "function") || item === null) {
      throw new TypeError("A member of the transfer list is not an object");
    }
  }
  return list as object[];
}

/** The second argument of postMessage and structuredClone: a sequence or `{transfer}`. */
export function readTransferOption(value: unknown, what: string, sequenceToo: boolean): object[] {
  if (sequenceToo && typeof value === "object" && value !== null && Symbol.iterator in value) {
    return readTransferList(value);
  }
  const { transfer } = toDictionary(value, what);
  return transfer === undefined ? [] : readTransferList(transfer);
}

/** Clones `value` and moves what is in `transfer`. `ports`: those among the moved, in their order. */
export function structuredCloneOf(
  value: unknown,
  transfer: readonly object[],
): { value: unknown; ports: object[] } {
  const cloner = new Cloner();
  const transfers: Transfer[] = [];
  for (const [index, object] of transfer.entries()) {
    if (cloner.isTransferred(object))
      throw cloneError("An object that is twice in the transfer list");
    const run = transferOf(object, index);
    transfers.push({ placeholder: cloner.transfer(object), run });
  }
  const result = cloner.clone(value);
  const ports: object[] = [];
  for (const { placeholder, run } of transfers) {
    placeholder.value = run();
    if (portHooks.isPort(placeholder.value)) ports.push(placeholder.value as object);
  }
  return { value: cloner.finish(result), ports };
}
