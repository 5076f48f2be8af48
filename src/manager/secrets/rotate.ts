/** Change of the master key: every data key is wrapped anew in one transaction; what they seal stays as it is. */
import type { Database, Queryable } from "../db/connect.ts";
import { masterKeys } from "../db/tables/instance.ts";
import {
  adoptNextMasterKey,
  dropNextMasterKey,
  hasMasterKey,
  loadMasterKey,
  loadNextMasterKey,
  lostMasterKey,
  makeNextMasterKey,
  masterKey,
} from "./master-key.ts";
import type { MasterKey, MasterKeySource } from "./master-key.ts";
import { createSecretBox, rewrapAppKeys } from "./secret-box.ts";

/**
 * The key of this installation. Completes or undoes a change that a crash cut short: the database tells
 * which of both keys it is. Makes a key only for a database that has never seen one.
 * @throws Error when the key that the database knows is gone
 */
export async function openMasterKey(db: Queryable, source: MasterKeySource): Promise<MasterKey> {
  const known = (await db.select({ keyId: masterKeys.keyId }).from(masterKeys)).map(
    ({ keyId }) => keyId,
  );
  const next = await loadNextMasterKey(source.dataDir);
  if (next !== null) {
    if (known.includes(next.id)) await adoptNextMasterKey(source.dataDir);
    else await dropNextMasterKey(source.dataDir);
  }
  if (known.length > 0 && !hasMasterKey(source)) throw lostMasterKey(known);
  return await loadMasterKey(source);
}

/**
 * No server may run on the database meanwhile: it would go on with the former key.
 * @param given the new key, where the present one is given by configuration
 * @returns the id of the new key
 * @throws Error when the present key is not the data's, or a given key has no successor
 */
export async function rotateMasterKey(
  database: Database,
  source: MasterKeySource,
  given: Uint8Array | null,
): Promise<{ id: string; rewrapped: number }> {
  const { dataDir } = source;
  const present = await openMasterKey(database.db, source);
  if (source.given !== null && given === null)
    throw new Error(
      "Cannot change the master key: it is given by PICLOUD_MASTER_KEY; give its successor as PICLOUD_NEW_MASTER_KEY (openssl rand -base64 32)",
    );
  const next = given === null ? await makeNextMasterKey(dataDir) : masterKey(given);
  if (next.id === present.id)
    throw new Error("Cannot change the master key: the new one is the present one");
  const rewrapped = await database.db.transaction(async (tx) => {
    // Says so when the present key is not the data's.
    await createSecretBox(tx, present);
    await createSecretBox(tx, next, [present]);
    return await rewrapAppKeys(tx, next, [present]);
  });
  if (given === null) await adoptNextMasterKey(dataDir);
  return { id: next.id, rewrapped };
}
