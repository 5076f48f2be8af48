/** Which app's slot a host belongs to. */

/** Strict claims by host, wildcards by suffix. */
export interface Claims {
  strict: ClaimMap;
  wildcard: ClaimMap;
}

export interface ClaimChange {
  slot: number;
  before: readonly string[];
  after: readonly string[];
}

const SHARDS = 64;

/** By the first letters, where hosts of one domain differ, and the length. */
function shardOf(key: string): number {
  const end = Math.min(key.length, 8);
  let hash = key.length;
  for (let i = 0; i < end; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 6)) & (SHARDS - 1);
}

/** An immutable map in small pieces, so that a change copies one of them and not ten thousand hosts. */
export class ClaimMap {
  readonly #shards: readonly ReadonlyMap<string, number>[];

  constructor(shards: readonly ReadonlyMap<string, number>[] = emptyShards()) {
    this.#shards = shards;
  }

  get(key: string): number | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  edit(): ClaimEdit {
    return new ClaimEdit([...this.#shards]);
  }
}

const emptyShards = (): ReadonlyMap<string, number>[] =>
  Array.from({ length: SHARDS }, () => new Map());

class ClaimEdit {
  readonly #shards: ReadonlyMap<string, number>[];
  /** Those that are copies already. */
  readonly #own = new Map<number, Map<string, number>>();

  constructor(shards: ReadonlyMap<string, number>[]) {
    this.#shards = shards;
  }

  set(key: string, slot: number): void {
    this.#shard(key).set(key, slot);
  }

  /** It may be another app's by an earlier update: then it stays. */
  release(key: string, slot: number): void {
    const shard = this.#shard(key);
    if (shard.get(key) === slot) shard.delete(key);
  }

  done(): ClaimMap {
    return new ClaimMap(this.#shards);
  }

  #shard(key: string): Map<string, number> {
    const index = shardOf(key);
    let shard = this.#own.get(index);
    if (shard === undefined) {
      shard = new Map(this.#shards[index]);
      this.#own.set(index, shard);
      this.#shards[index] = shard;
    }
    return shard;
  }
}

/** Releases before claims, so that one that moves between two apps of an update ends where it belongs. */
export function changeClaims(old: Claims, changes: readonly ClaimChange[]): Claims {
  const strict = old.strict.edit();
  const wildcard = old.wildcard.edit();
  const at = (host: string): [ClaimEdit, string] =>
    host.startsWith("*.") ? [wildcard, host.slice(2)] : [strict, host];
  for (const { slot, before } of changes) {
    for (const host of before) {
      const [edit, key] = at(host);
      edit.release(key, slot);
    }
  }
  for (const { slot, after } of changes) {
    for (const host of after) {
      const [edit, key] = at(host);
      edit.set(key, slot);
    }
  }
  return { strict: strict.done(), wildcard: wildcard.done() };
}
