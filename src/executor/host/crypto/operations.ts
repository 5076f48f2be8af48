/** Everything that the guest's `crypto` part calls. */
import type { HostOperations } from "../host-function.ts";
import { cipherOperations } from "./ciphers.ts";
import { derivationOperations } from "./derivation.ts";
import { digestOperations } from "./digest.ts";
import { keccakOperations } from "./keccak.ts";
import { keyPairOperations } from "./key-pairs.ts";
import { randomOperations } from "./random.ts";
import { secretKeyOperations } from "./secret-keys.ts";
import { signatureOperations } from "./signatures.ts";

export const cryptoOperations: HostOperations = {
  ...randomOperations,
  ...digestOperations,
  ...keccakOperations,
  ...secretKeyOperations,
  ...keyPairOperations,
  ...cipherOperations,
  ...signatureOperations,
  ...derivationOperations,
};
