/** How an executor process is started. */
import { tmpdir } from "node:os";
import { runtimeSettings } from "../../shared/runtime-settings.ts";
import { SOCKET_VARIABLE } from "../process/executor-process.ts";

/**
 * What recurses in QuickJS recurses in WebAssembly, with frames on the stack of the process that are fifty times
 * as large as those that `stack_kb` counts. Where that stack ends first, the script cannot catch the error.
 */
const STACK_KIB = 64 * 1024;

/** A process cannot enlarge the stack of its own main thread, but a shell can before there is one. */
const WITH_STACK = `ulimit -s ${STACK_KIB} 2>/dev/null || ulimit -s "$(ulimit -H -s)" 2>/dev/null; exec "$0" "$@"`;

/** Without a shell the stack is what the platform has itself. */
export function executorCommand(command: readonly string[]): string[] {
  const shell = Bun.which("sh");
  return shell === null ? [...command] : [shell, "-c", WITH_STACK, ...command];
}

const LEAST_HEAP_BYTES = 128 * 1024 * 1024;

/**
 * The process gets nothing of ours: no credential, no setting. The collector goes by the machine's
 * memory, and would let gigabytes of images that were dropped lie about on a big one.
 */
export function executorEnvironment(
  socketPath: string,
  imageCacheBytes: number,
): Record<string, string> {
  const heapBytes = Math.max(LEAST_HEAP_BYTES, imageCacheBytes * 2);
  return {
    [SOCKET_VARIABLE]: socketPath,
    TMPDIR: tmpdir(),
    BUN_JSC_forceRAMSize: String(heapBytes),
    BUN_JSC_maxPerThreadStackUsage: String(STACK_KIB * 1024),
    ...runtimeSettings(),
  };
}
