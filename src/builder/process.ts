/**
 * The builder's own process: `picloud builder`. It parses what strangers upload, so it holds no credential and no listener,
 * and its parent ends it when a build takes too long or too much memory.
 */
import { setPriority } from "node:os";
import { bundle } from "./bundle.ts";
import type { FromBuilder, ToBuilder } from "./messages.ts";
import { PackageStore } from "./packages/package-store.ts";

/** Serves builds over IPC until the parent goes away; then resolves with the exit code. */
export function runBuilderProcess(): Promise<number> {
  lowerPriority();
  let store: PackageStore | null = null;
  const send = (message: FromBuilder): void => void process.send?.(message);
  process.on("message", (message: ToBuilder) => {
    if (message.kind === "settings") {
      store = new PackageStore(message.settings.registry, message.settings.cacheFolder);
      send({ kind: "ready" });
      return;
    }
    if (store === null) return;
    void bundle(message.input, store).then((result) =>
      send({ kind: "built", id: message.id, result }),
    );
  });
  return new Promise((resolve) => process.on("disconnect", () => resolve(0)));
}

const NICE = 10;

/** On a small board a build must not slow the requests that run beside it. */
function lowerPriority(): void {
  try {
    setPriority(NICE);
  } catch {
    return;
  }
}
