/** The host's side of the operations; see host/crypto. */
import { bindHost, bindHostAsync } from "../bridge.ts";

/** Up to here a host call in the same turn is cheaper than the way through a thread. */
export const SYNC_BYTES = 65_536;

export const host = {
  randomize: bindHost("crypto.fill"),
  uuid: bindHost("crypto.uuid"),
  digest: bindHost("crypto.digest"),
  digestWith: bindHost("crypto.digestWith"),
  kmac: bindHost("crypto.kmac"),
  kmacVerify: bindHost("crypto.kmacVerify"),
  digestLarge: bindHostAsync("crypto.digestLarge"),
  hmac: bindHost("crypto.hmac"),
  hmacVerify: bindHost("crypto.hmacVerify"),
  aes: bindHost("crypto.aes"),
  hkdf: bindHost("crypto.hkdf"),
  importSecret: bindHost("crypto.importSecret"),
  generateSecret: bindHost("crypto.generateSecret"),
  exportSecret: bindHost("crypto.exportSecret"),
  cipher: bindHostAsync("crypto.cipher"),
  sign: bindHostAsync("crypto.sign"),
  verify: bindHostAsync("crypto.verify"),
  deriveBits: bindHostAsync("crypto.deriveBits"),
  importKey: bindHostAsync("crypto.importKey"),
  generateKey: bindHostAsync("crypto.generateKey"),
  exportKey: bindHostAsync("crypto.exportKey"),
  getPublicKey: bindHostAsync("crypto.getPublicKey"),
  encapsulate: bindHostAsync("crypto.encapsulate"),
  decapsulate: bindHostAsync("crypto.decapsulate"),
};
