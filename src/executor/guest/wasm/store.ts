/**
 * What this sandbox has on the host. The host forgets it when the image is forked, so each step that made
 * something is written down until then, and done again, in order, in the fork.
 */
import { kernel, onHostEvent } from "../bridge.ts";
import { enlarged, PAGE_BYTES } from "./buffers.ts";
import { host } from "./host.ts";

interface MemoryState {
  id: number;
  /** The buffer that scripts see: copied in before each call and out after it. */
  buffer?: ArrayBufferLike;
  /** Contents while an image is at rest. */
  saved?: ArrayBuffer;
}

interface GlobalState {
  id: number;
  value: unknown;
}

const memories = new Map<number, MemoryState>();
const globals = new Map<number, GlobalState>();
const journal: (() => void)[] = [];
let token: unknown;
let frozen = false;
let awakeFor = -1;

export function memoryState(id: number): MemoryState {
  let state = memories.get(id);
  if (!state) memories.set(id, (state = { id }));
  return state;
}

export function trackGlobal(id: number): void {
  if (!globals.has(id)) globals.set(id, { id, value: undefined });
}

/** Does a step that makes something on the host, now and in every fork. */
export function perform<T>(step: () => T): T {
  wake();
  const result = step();
  if (!frozen) journal.push(step);
  return result;
}

/** A step that was done already and has to be repeated in forks. */
export function remember(step: () => void): void {
  if (!frozen) journal.push(step);
}

/** To be called before anything is asked of the host. */
export function wake(): void {
  if (awakeFor === kernel.currentRequest) return;
  const now = host.token();
  if (token === undefined) token = now;
  awakeFor = kernel.currentRequest;
  if (token === now) return;
  token = now;
  for (const step of journal) step();
  for (const state of memories.values()) {
    const contents = state.buffer ?? state.saved;
    if (contents) host.copyIn(state.id, new Uint8Array(contents));
    delete state.saved;
  }
  for (const { id, value } of globals.values())
    // Objects of wasm's own do not outlive its instance.
    if (value !== undefined && !(typeof value === "string" && value.startsWith("g")))
      host.globalSet(id, value as number);
}

function copyOut<B extends ArrayBufferLike>(id: number, buffer: B): B {
  const bytes = host.copyOut(id, new Uint8Array(buffer)) as number;
  if (bytes === buffer.byteLength) return buffer;
  const larger = enlarged(buffer, bytes);
  host.copyOut(id, new Uint8Array(larger));
  return larger;
}

/** Before wasm runs. */
export function pushMemories(): void {
  for (const { id, buffer } of memories.values())
    if (buffer) host.copyIn(id, new Uint8Array(buffer));
}

/** After wasm has run. */
export function pullMemories(): void {
  for (const state of memories.values())
    if (state.buffer) state.buffer = copyOut(state.id, state.buffer);
}

/** The buffer of a memory, from now on kept equal to the host's. */
export function bufferOf(id: number): ArrayBufferLike {
  const state = memoryState(id);
  if (!state.buffer) {
    wake();
    state.buffer = copyOut(id, new ArrayBuffer(host.memoryBytes(id) as number));
  }
  return state.buffer;
}

/** The buffer of a memory cannot be taken from it. */
export function refuseMemory(buffer: ArrayBufferLike): void {
  for (const state of memories.values())
    if (state.buffer === buffer)
      throw new TypeError("The buffer of a WebAssembly.Memory cannot be transferred");
}

/** From now on the memory's buffer is what `change` makes of the present one. */
export function changeBuffer(
  id: number,
  change: (buffer: ArrayBufferLike) => ArrayBufferLike,
): ArrayBufferLike {
  const changed = change(bufferOf(id));
  memoryState(id).buffer = changed;
  return changed;
}

/** Pages that there were before. The buffer is detached even when nothing is added. */
export function growMemory(id: number, delta: number): number {
  wake();
  const state = memoryState(id);
  if (state.buffer) host.copyIn(id, new Uint8Array(state.buffer));
  const before = host.grow(id, delta) as number;
  if (state.buffer) {
    state.buffer = copyOut(id, enlarged(state.buffer, (before + delta) * PAGE_BYTES));
  }
  return before;
}

onHostEvent("freeze", () => {
  if (token === undefined) return;
  frozen = true;
  for (const state of memories.values()) {
    if (!state.buffer)
      state.saved = copyOut(state.id, new ArrayBuffer(host.memoryBytes(state.id) as number));
  }
  for (const state of globals.values()) state.value = host.globalGet(state.id);
  awakeFor = -1;
});
