import { isCompiled, selfCommand } from "./self-command.ts";

/**
 * mimalloc, the allocator under Bun, gives freed pages back to the kernel even under load, and a later garbage
 * collection faults them in again: that costs a tenth of the CPU time. A delay of ten seconds keeps them for as long
 * as there is load, and returns them when there is none. It reads its options once, as the process starts.
 */
const PURGE_DELAY = "MIMALLOC_PURGE_DELAY";

/** For the environment of a process that is to be started. */
export const allocatorSettings = (): Record<string, string> => ({
  [PURGE_DELAY]: process.env[PURGE_DELAY] ?? "10000",
});

/** Starts this very process anew with the settings, where it was started without. The process id stays. */
export function withAllocatorSettings(args: readonly string[]): void {
  if (process.env[PURGE_DELAY] !== undefined || process.execve === undefined) return;
  const [program = process.execPath, ...rest] = selfCommand(...args);
  const own = isCompiled() ? [] : process.execArgv;
  try {
    process.execve(program, [program, ...own, ...rest], { ...process.env, ...allocatorSettings() });
  } catch {
    // Where it is not allowed, the process goes on as it is: slower under load, and no worse.
  }
}
