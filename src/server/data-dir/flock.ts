/**
 * An advisory lock that the kernel gives back when its holder dies, however it dies: no lock is ever
 * stale, not after `kill -9` and not after a power cut. Neither Bun nor Node wraps flock(2).
 */
import { dlopen, FFIType } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

const LOCK_EXCLUSIVE = 2;
const LOCK_NOT_BLOCKING = 4;

export interface FileLock {
  readonly fd: number;
  release(): void;
}

/** The lock, or undefined while another process holds it. */
export function tryLock(file: string): FileLock | undefined {
  const libc = dlopen("libc.so.6", {
    flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  });
  const fd = openSync(file, "a+", 0o600);
  // Bun opens files close-on-exec, so that no child keeps the lock alive.
  if (libc.symbols.flock(fd, LOCK_EXCLUSIVE | LOCK_NOT_BLOCKING) === 0) {
    return { fd, release: () => closeSync(fd) };
  }
  closeSync(fd);
  return undefined;
}
