import type { CaseTable } from "../outcomes.ts";
import { subtle } from "./bytes.ts";

const ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
];
const METHODS = [
  "encrypt",
  "decrypt",
  "sign",
  "verify",
  "digest",
  "generateKey",
  "deriveKey",
  "deriveBits",
  "importKey",
  "exportKey",
  "wrapKey",
  "unwrapKey",
] as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const interfaceCases: CaseTable = {
  "getRandomValues gives back its argument, filled": () =>
    ARRAYS.map((Type) => {
      const array = new Type(64);
      return [
        crypto.getRandomValues(array) === (array as unknown),
        array.some((value) => value !== 0 && value !== 0n),
      ];
    }),
  "getRandomValues fills only the view": () => {
    const all = new Uint8Array(96);
    crypto.getRandomValues(new Uint8Array(all.buffer, 32, 32));
    return [
      all.slice(0, 32).every((byte) => byte === 0),
      all.slice(32, 64).some((byte) => byte !== 0),
      all.slice(64).every((byte) => byte === 0),
    ];
  },
  "getRandomValues of 65536 bytes": () => crypto.getRandomValues(new Uint8Array(65_536)).length,
  "getRandomValues of nothing": () => crypto.getRandomValues(new Uint8Array()).length,
  "getRandomValues past the quota": () => {
    try {
      crypto.getRandomValues(new Uint8Array(65_537));
      return "filled";
    } catch (error) {
      return (error as Error).name;
    }
  },
  "getRandomValues of floats": () =>
    crypto.getRandomValues(new Float32Array(4) as unknown as Uint8Array),
  "getRandomValues of a DataView": () =>
    crypto.getRandomValues(new DataView(new ArrayBuffer(4)) as unknown as Uint8Array),
  "getRandomValues of no view": () => crypto.getRandomValues([1, 2] as unknown as Uint8Array),
  randomUUID: () => {
    const ids = new Set(Array.from({ length: 100 }, () => crypto.randomUUID()));
    return [ids.size, [...ids].every((id) => UUID.test(id))];
  },
  "names and kinds": () => [
    Object.prototype.toString.call(crypto),
    Object.prototype.toString.call(subtle),
    typeof Crypto,
    typeof SubtleCrypto,
    typeof CryptoKey,
    crypto.subtle === subtle,
  ],
  "classes cannot be constructed": () =>
    [Crypto, SubtleCrypto, CryptoKey].map((Class) => {
      try {
        return new Class();
      } catch (error) {
        return (error as Error).name;
      }
    }),
  "methods are enumerable and on the prototype": () =>
    METHODS.map(
      (name) => Object.getOwnPropertyDescriptor(SubtleCrypto.prototype, name)?.enumerable,
    ),
  "methods have the arity of the specification": () =>
    METHODS.map((name) => SubtleCrypto.prototype[name].length),
  "getters refuse another this": () => Reflect.get(Crypto.prototype, "subtle", {}) as unknown,
  "methods reject, they do not throw, on another this": async () => {
    const promise = SubtleCrypto.prototype.digest.call(
      {} as SubtleCrypto,
      "SHA-1",
      new Uint8Array(),
    );
    return promise.then(
      () => "resolved",
      (error: Error) => error.name,
    );
  },
  "methods reject when arguments are missing": async () => {
    const names: unknown[] = [];
    for (const name of METHODS) {
      const method = subtle[name] as unknown as () => Promise<unknown>;
      names.push(
        await method.call(subtle).then(
          () => "resolved",
          (error: Error) => error.name,
        ),
      );
    }
    return names;
  },
};
