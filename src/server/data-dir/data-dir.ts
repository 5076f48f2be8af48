/** The directory that holds all state of an instance, and the lock that keeps a second process out. */
import { chmodSync, ftruncateSync, mkdirSync, readFileSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import { tryLock } from "./flock.ts";

export interface DataDir {
  /** Absolute. */
  readonly path: string;
  file(name: string): string;
  /** Lets another process have the directory. */
  release(): void;
}

export class DataDirInUseError extends Error {}

/**
 * Makes the directory where it is missing and locks it for this process.
 * @throws DataDirInUseError naming the process that has it.
 */
export function openDataDir(directory: string): DataDir {
  const root = path.resolve(directory);
  try {
    // The user that PostgreSQL runs as must pass through, but nobody lists what is in here.
    mkdirSync(root, { recursive: true, mode: 0o711 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot create the data directory "${root}": ${reason}. Set PICLOUD_DATA_DIR to a place that can be written`,
      { cause },
    );
  }
  letPass(root);
  const lockFile = path.join(root, "picloud.lock");
  const lock = tryLock(lockFile);
  if (lock === undefined) {
    const holder = readFileSync(lockFile, "utf8").trim();
    throw new DataDirInUseError(
      `Cannot use the data directory "${root}": process ${holder === "" ? "unknown" : holder} has it open. ` +
        "Stop that process, or set PICLOUD_DATA_DIR to another directory",
    );
  }
  ftruncateSync(lock.fd, 0);
  writeSync(lock.fd, `${process.pid}\n`);
  return { path: root, file: (name) => path.join(root, name), release: lock.release };
}

/** A directory made by `mktemp -d` is closed to PostgreSQL's user when we are root. It is ours, so open it to pass. */
function letPass(root: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, mode } = statSync(root);
  if (uid === 0 && (mode & 0o001) === 0) chmodSync(root, (mode & 0o777) | 0o011);
}
