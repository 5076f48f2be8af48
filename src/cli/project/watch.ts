/** Runs work after files below a folder changed, one run at a time. */
import { watch } from "node:fs";

const IGNORED = /(^|\/)(node_modules|\.git|\.picloud)(\/|$)/;
/** Editors write a file in several steps; wait for them to be over. */
const SETTLE_MS = 8;

export async function watchFolder(
  folder: string,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await work();
    } while (again);
    running = false;
  };
  const watcher = watch(folder, { recursive: true }, (_event, name) => {
    if (name !== null && IGNORED.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void run(), SETTLE_MS);
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  clearTimeout(timer);
  watcher.close();
}
