/** Entry of the `crypto` part. */
import { defineInterface } from "../events/idl.ts";
import { definePart } from "../registry.ts";
import { Crypto, crypto } from "./crypto.ts";
import { raiseDomErrors } from "./errors.ts";
import { cloneKey, CryptoKey, isCryptoKey } from "./key.ts";
import { SubtleCrypto } from "./subtle.ts";

defineInterface(Crypto, "Crypto");
defineInterface(CryptoKey, "CryptoKey");
defineInterface(SubtleCrypto, "SubtleCrypto");

/** What console.log shows: the getters are on the prototype, where it does not look. */
Object.defineProperty(CryptoKey.prototype, Symbol.for("Deno.customInspect"), {
  value(
    this: unknown,
    inspect: (value: unknown, options: unknown) => string,
    options: unknown,
  ): string {
    if (!isCryptoKey(this)) return "CryptoKey {}";
    const { type, extractable, algorithm, usages } = this;
    return `CryptoKey ${inspect({ type, extractable, algorithm, usages }, options)}`;
  },
  writable: true,
  configurable: true,
});

raiseDomErrors();
definePart("crypto", { crypto, Crypto, CryptoKey, SubtleCrypto, isCryptoKey, cloneKey });
