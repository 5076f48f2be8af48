/** The Crypto interface. Randomness is asked of the host each time, so no image can hold it. */
import { requireArguments } from "./convert.ts";
import { domError, quotaError } from "./errors.ts";
import { host } from "./host.ts";
import {
  arrayBuffer,
  arrayBytes,
  arrayOffset,
  includes,
  isView,
  typedArrayName,
} from "./primordials.ts";
import { subtle, type SubtleCrypto } from "./subtle.ts";

const TOKEN = Symbol("crypto");
const RANDOM_QUOTA_BYTES = 65_536;
const INTEGER_ARRAYS = [
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "BigInt64Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Uint32Array",
  "BigUint64Array",
];

export class Crypto {
  #brand = true;
  constructor() {
    if ((arguments[0] as unknown) !== TOKEN) throw new TypeError("Illegal constructor");
  }

  static #check(self: unknown): void {
    if (typeof self !== "object" || self === null || !(#brand in self))
      throw new TypeError("Illegal invocation");
  }

  get subtle(): SubtleCrypto {
    Crypto.#check(this);
    return subtle;
  }

  getRandomValues(array: unknown): unknown {
    Crypto.#check(this);
    requireArguments(arguments.length, 1, "Crypto.getRandomValues");
    if (!isView(array))
      throw new TypeError("Cannot fill with random values: the argument is not an ArrayBufferView");
    if (!includes(INTEGER_ARRAYS, typedArrayName(array))) {
      throw domError(
        "TypeMismatchError",
        "Cannot fill with random values: the array is not of an integer type",
      );
    }
    const length = arrayBytes(array);
    if (length > RANDOM_QUOTA_BYTES) {
      throw quotaError(
        `Cannot fill with random values: ${length} bytes is more than the ${RANDOM_QUOTA_BYTES} of one call`,
        RANDOM_QUOTA_BYTES,
        length,
      );
    }
    if (length > 0) host.randomize(new Uint8Array(arrayBuffer(array), arrayOffset(array), length));
    return array;
  }

  randomUUID(): string {
    Crypto.#check(this);
    return host.uuid() as string;
  }
}

export const crypto = new (Crypto as new (token: symbol) => Crypto)(TOKEN);
