/**
 * Where the executable puts its native addons before it loads them. A system where /tmp forbids
 * programs (noexec) must not stop the start, so the server names its data directory.
 */
import { tmpdir } from "node:os";

let chosen: string | undefined;

/** To be called before the first use of an addon. */
export function setAddonDirectory(directory: string): void {
  chosen = directory;
}

/** @public Called by what the build puts in the place of an addon's own loader. */
export function addonDirectory(): string {
  return chosen ?? tmpdir();
}
