/** Encryption of what an app stores: one data key per app, itself sealed by the master key. */
import { randomBytes } from "node:crypto";
import { eq, ne } from "drizzle-orm";
import type { Queryable } from "../db/connect.ts";
import { appKeys } from "../db/tables/apps.ts";
import { masterKeys } from "../db/tables/instance.ts";
import { instanceKey, rewrapInstanceKey } from "./instance-key.ts";
import { lostMasterKey } from "./master-key.ts";
import type { MasterKey } from "./master-key.ts";
import { seal, unseal } from "./seal.ts";

const DATA_KEY_BYTES = 32;
const PROOF = "picloud master key proof";

export interface SecretBox {
  /** @param db the transaction of the write: the app's key is made there when it has none */
  sealFor(db: Queryable, appId: string, name: string, plain: string): Promise<Uint8Array>;
  /** Name to plain text. */
  openAll(
    db: Queryable,
    appId: string,
    rows: readonly SealedValue[],
  ): Promise<Record<string, string>>;
  /** For what belongs to no app. @param name binds the bytes to their place; the same must open them */
  sealOfInstance(db: Queryable, name: string, plain: string): Promise<Uint8Array>;
  /** @throws Error when name or bytes are not those of `sealOfInstance` */
  openOfInstance(db: Queryable, name: string, sealed: Uint8Array): Promise<string>;
}

export interface SealedValue {
  name: string;
  sealed: Uint8Array;
}

/**
 * @param former keys that older data may still be wrapped with, while a change of the master key is under way
 * @throws Error when the database was written under a master key that is not at hand
 */
export async function createSecretBox(
  db: Queryable,
  current: MasterKey,
  former: readonly MasterKey[] = [],
): Promise<SecretBox> {
  const keys = new Map([...former, current].map((key) => [key.id, key]));
  await requireKnownKeys(db, keys);
  await db
    .insert(masterKeys)
    .values({ keyId: current.id, proof: seal(current.bytes, Buffer.from(PROOF), current.id) })
    .onConflictDoNothing();
  return new AppSecretBox(current, keys);
}

/** Wraps the data keys of the instance and of every app with the current master key; afterwards the former ones are not needed. */
export async function rewrapAppKeys(
  db: Queryable,
  current: MasterKey,
  former: readonly MasterKey[],
): Promise<number> {
  const keys = new Map([...former, current].map((key) => [key.id, key]));
  const rows = await db.select().from(appKeys).where(ne(appKeys.masterKeyId, current.id));
  for (const row of rows) {
    const dataKey = unwrap(keys, row);
    await db
      .update(appKeys)
      .set({ masterKeyId: current.id, wrappedKey: seal(current.bytes, dataKey, row.appId) })
      .where(eq(appKeys.appId, row.appId));
  }
  await rewrapInstanceKey(db, current, keys);
  await db.delete(masterKeys).where(ne(masterKeys.keyId, current.id));
  return rows.length;
}

class AppSecretBox implements SecretBox {
  readonly #current: MasterKey;
  readonly #keys: ReadonlyMap<string, MasterKey>;

  constructor(current: MasterKey, keys: ReadonlyMap<string, MasterKey>) {
    this.#current = current;
    this.#keys = keys;
  }

  async sealFor(db: Queryable, appId: string, name: string, plain: string): Promise<Uint8Array> {
    const key = (await this.#dataKey(db, appId)) ?? (await this.#makeDataKey(db, appId));
    return seal(key, Buffer.from(plain), `${appId}:${name}`);
  }

  async openAll(
    db: Queryable,
    appId: string,
    rows: readonly SealedValue[],
  ): Promise<Record<string, string>> {
    if (rows.length === 0) return {};
    const key = await this.#dataKey(db, appId);
    if (key === undefined)
      throw new Error(`Cannot decrypt the variables of app ${appId}: its data key is missing`);
    return Object.fromEntries(
      rows.map(({ name, sealed }) => [
        name,
        Buffer.from(unseal(key, sealed, `${appId}:${name}`)).toString(),
      ]),
    );
  }

  async sealOfInstance(db: Queryable, name: string, plain: string): Promise<Uint8Array> {
    return seal(await instanceKey(db, this.#current, this.#keys), Buffer.from(plain), name);
  }

  async openOfInstance(db: Queryable, name: string, sealed: Uint8Array): Promise<string> {
    const key = await instanceKey(db, this.#current, this.#keys);
    return Buffer.from(unseal(key, sealed, name)).toString();
  }

  async #dataKey(db: Queryable, appId: string): Promise<Uint8Array | undefined> {
    const [row] = await db.select().from(appKeys).where(eq(appKeys.appId, appId));
    return row === undefined ? undefined : unwrap(this.#keys, row);
  }

  async #makeDataKey(db: Queryable, appId: string): Promise<Uint8Array> {
    const fresh = randomBytes(DATA_KEY_BYTES);
    const wrappedKey = seal(this.#current.bytes, fresh, appId);
    await db
      .insert(appKeys)
      .values({ appId, masterKeyId: this.#current.id, wrappedKey })
      .onConflictDoNothing();
    // Another writer may have been first: its key counts.
    const key = await this.#dataKey(db, appId);
    if (key === undefined)
      throw new Error(`Cannot make a data key for app ${appId}: the app is gone`);
    return key;
  }
}

function unwrap(
  keys: ReadonlyMap<string, MasterKey>,
  row: typeof appKeys.$inferSelect,
): Uint8Array {
  const key = keys.get(row.masterKeyId);
  if (key === undefined) throw lostMasterKey([row.masterKeyId]);
  return unseal(key.bytes, row.wrappedKey, row.appId);
}

async function requireKnownKeys(
  db: Queryable,
  keys: ReadonlyMap<string, MasterKey>,
): Promise<void> {
  const rows = await db.select().from(masterKeys);
  const missing = rows.map(({ keyId }) => keyId).filter((id) => !keys.has(id));
  if (missing.length > 0) throw lostMasterKey(missing);
}
