/** A name for everything that an image's bytes depend on besides the script. */
import { createHash } from "node:crypto";
import type { GuestSources } from "../guest-sources.ts";
import { hostOperations } from "../host/registry.ts";
import { engineBytes } from "../wasm/module.ts";

/** SHA-256 over the wasm, the guest's sources and the numbers of the host operations. */
export async function identifyRuntime(sources: GuestSources): Promise<string> {
  const hash = createHash("sha256").update(new Uint8Array(await engineBytes()));
  for (const name of Object.keys(sources).sort()) hash.update(`\0${name}\0${sources[name]}`);
  hash.update(Object.keys(hostOperations).sort().join());
  return hash.digest("hex");
}
