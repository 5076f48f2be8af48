/** CryptoKey. The material stays in a private slot as base64 text, so images and forks carry it along. */
import { parseJson } from "./primordials.ts";

/** What the host says about a key that it made. */
export interface KeyRecord {
  type: "secret" | "public" | "private";
  extractable: boolean;
  usages: readonly string[];
  /** The key's algorithm object as JSON; the host reads it back on use. */
  algorithm: string;
  /** base64: raw bytes, pkcs8 or spki by type. */
  material: string;
}

interface Slots extends KeyRecord {
  name: string;
  exposedAlgorithm?: object;
  exposedUsages?: string[];
}

const TOKEN = Symbol("key");

let readSlots: (value: CryptoKey) => Slots;
let hasSlots: (value: object) => boolean;

class CryptoKey {
  #slots: Slots;
  constructor() {
    const [token, record] = arguments as unknown as [symbol, KeyRecord];
    if (token !== TOKEN) throw new TypeError("Illegal constructor");
    this.#slots = { ...record, name: (parseJson(record.algorithm) as { name: string }).name };
  }
  get type(): string {
    return this.#slots.type;
  }
  get extractable(): boolean {
    return this.#slots.extractable;
  }
  get algorithm(): object {
    return (this.#slots.exposedAlgorithm ??= exposeAlgorithm(this.#slots.algorithm));
  }
  get usages(): string[] {
    return (this.#slots.exposedUsages ??= [...this.#slots.usages]);
  }
  static {
    readSlots = (value) => value.#slots;
    hasSlots = (value) => #slots in value;
  }
}

function exposeAlgorithm(json: string): object {
  const algorithm = parseJson(json) as { publicExponent?: ArrayLike<number> };
  if (algorithm.publicExponent) algorithm.publicExponent = new Uint8Array(algorithm.publicExponent);
  return algorithm;
}

export { CryptoKey };

export const makeKey = (record: KeyRecord): CryptoKey =>
  new (CryptoKey as new (token: symbol, record: KeyRecord) => CryptoKey)(TOKEN, record);

export const isCryptoKey = (value: unknown): value is CryptoKey =>
  typeof value === "object" && value !== null && hasSlots(value);

/** For structuredClone: a second key object with the same material. */
export const cloneKey = (key: CryptoKey): CryptoKey => makeKey(readSlots(key));

/** The slots of an argument that has to be a key. */
export function keyOf(value: unknown, what: string): Slots {
  if (!isCryptoKey(value)) throw new TypeError(`Cannot use ${what}: it is not a CryptoKey`);
  return readSlots(value);
}

export type { Slots as KeySlots };
