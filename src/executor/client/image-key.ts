/** The executor's own key: an executor process never gets the master key. */
import { hkdfSync } from "node:crypto";

/** 32 bytes that say nothing of the key that they come from. */
export function deriveImageKey(masterKey: Uint8Array): Uint8Array {
  return new Uint8Array(
    hkdfSync("sha256", masterKey, new Uint8Array(0), "picloud executor images", 32),
  );
}
