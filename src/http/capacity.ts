/** How many connections a process can have: past its descriptors it could accept none, and would try for ever. */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

/** The rest is for files, the database and the executor's processes. */
const SHARE = 0.75;
/** Memory that there should be for each, since some hold more than an idle one. */
const BYTES_EACH = 128 * 1024;
/** Where the system does not say. */
const USUAL_DESCRIPTORS = 1024;

export function connectionsMax(): number {
  return Math.floor(Math.min(SHARE * descriptorsMax(), totalmem() / BYTES_EACH));
}

function descriptorsMax(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    return Number(limit?.[1] ?? Infinity);
  } catch {
    return USUAL_DESCRIPTORS;
  }
}
