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

raiseDomErrors();
definePart("crypto", { crypto, Crypto, CryptoKey, SubtleCrypto, isCryptoKey, cloneKey });
