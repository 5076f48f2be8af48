/** What Bun reads from the environment alone, and once only, as the process starts. */
import { readFileSync } from "node:fs";
import { isCompiled, selfCommand } from "./self-command.ts";

/**
 * mimalloc, the allocator under Bun, gives freed pages back to the kernel even under load, and a later garbage
 * collection faults them in again: that costs a tenth of the CPU time. A delay of ten seconds keeps them for as long
 * as there is load, and returns them when there is none.
 */
const PURGE_DELAY = "MIMALLOC_PURGE_DELAY";

/**
 * JavaScriptCore reserves 4 GiB of address space for each of so many WebAssembly memories, four by default: the
 * processor itself then checks their bounds, and they grow in place. Any further one has its bounds checked by
 * slower code, is copied each time it grows, and costs a full garbage collection when it is made.
 */
const FAST_MEMORIES = "BUN_JSC_maxNumWasmFastMemories";
/** More sandboxes at once than any process should have. */
const FAST_MEMORIES_MAX = 256;
/** Of an address; some kernels of ARM boards give no more. */
const LEAST_BITS = 39;
/** With the inaccessible pages behind it. */
const FAST_MEMORY_BYTES = 4.5 * 2 ** 30;

/**
 * As many as fit into half of the address space that a process has. `maps` is what /proc says of it: its stack lies
 * at the upper end. Where that does not tell, there are as many as on the smallest.
 */
export function fastMemories(maps: string): number {
  const highest = /^([0-9a-f]+)-\S+ .*\[stack\]$/m.exec(maps)?.[1];
  const bits = highest === undefined ? LEAST_BITS : Math.log2(Number.parseInt(highest, 16));
  const space = 2 ** Math.ceil(bits);
  return Math.min(FAST_MEMORIES_MAX, Math.floor(space / 2 / FAST_MEMORY_BYTES));
}

function ownMaps(): string {
  try {
    return readFileSync("/proc/self/maps", "latin1");
  } catch {
    return "";
  }
}

/** For the environment of a process that is to be started. What is set already stays. */
export const runtimeSettings = (): Record<string, string> => ({
  [PURGE_DELAY]: process.env[PURGE_DELAY] ?? "10000",
  [FAST_MEMORIES]: process.env[FAST_MEMORIES] ?? String(fastMemories(ownMaps())),
});

/** Starts this very process anew with the settings, where it was started without. The process id stays. */
export function withRuntimeSettings(args: readonly string[]): void {
  const settings = runtimeSettings();
  const isSet = Object.keys(settings).every((name) => process.env[name] !== undefined);
  if (isSet || process.execve === undefined) return;
  const [program = process.execPath, ...rest] = selfCommand(...args);
  const own = isCompiled() ? [] : process.execArgv;
  try {
    process.execve(program, [program, ...own, ...rest], { ...process.env, ...settings });
  } catch {
    // Where it is not allowed, the process goes on as it is: slower under load, and no worse.
  }
}
