/** Puts on the disk what was written, as renaming a folder alone does not: after a power cut its files could be empty. */
import { dlopen, FFIType } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

/** Waits until the file system that holds the directory has no unwritten data. Neither Bun nor Node wraps syncfs(2). */
export function syncFileSystemOf(directory: string): void {
  const libc = dlopen("libc.so.6", { syncfs: { args: [FFIType.i32], returns: FFIType.i32 } });
  const fd = openSync(directory, "r");
  try {
    if (libc.symbols.syncfs(fd) !== 0) throw new Error(`Cannot write "${directory}" to the disk`);
  } finally {
    closeSync(fd);
  }
}
