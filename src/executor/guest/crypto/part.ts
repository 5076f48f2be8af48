/** Entry of the `crypto` part. */
import { definePart } from "../registry.ts";
import { Crypto, crypto } from "./crypto.ts";
import { raiseDomErrors } from "./errors.ts";
import { cloneKey, CryptoKey, isCryptoKey } from "./key.ts";
import { SubtleCrypto } from "./subtle.ts";

/** WebIDL makes members enumerable and names the class in Object.prototype.toString. */
for (const Interface of [Crypto, CryptoKey, SubtleCrypto]) {
  const { prototype } = Interface;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name !== "constructor")
      Object.defineProperty(prototype, name, { ...descriptor, enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: Interface.name,
    configurable: true,
  });
}

raiseDomErrors();
definePart("crypto", { crypto, Crypto, CryptoKey, SubtleCrypto, isCryptoKey, cloneKey });
