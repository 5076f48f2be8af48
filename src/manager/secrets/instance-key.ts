/** The data key of what belongs to no app (second factors), wrapped by the master key like those of apps. */
import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import * as v from "valibot";
import type { Queryable } from "../db/connect.ts";
import { settings } from "../db/tables/instance.ts";
import { lostMasterKey } from "./master-key.ts";
import type { MasterKey } from "./master-key.ts";
import { seal, unseal } from "./seal.ts";

const SETTING = "instance_data_key";
const KEY_BYTES = 32;
const stored = v.object({ master_key_id: v.string(), wrapped: v.string() });

type Keys = ReadonlyMap<string, MasterKey>;

/** Made where there is none. @throws Error when it is wrapped with a master key that is not at hand */
export async function instanceKey(
  db: Queryable,
  current: MasterKey,
  keys: Keys,
): Promise<Uint8Array> {
  const present = await read(db, keys);
  if (present !== undefined) return present.bytes;
  const value = wrap(current, randomBytes(KEY_BYTES));
  await db.insert(settings).values({ key: SETTING, value }).onConflictDoNothing();
  // Another writer may have been first: its key counts.
  const made = await read(db, keys);
  if (made === undefined)
    throw new Error("Cannot make a data key for the instance: it was deleted");
  return made.bytes;
}

export async function rewrapInstanceKey(
  db: Queryable,
  current: MasterKey,
  keys: Keys,
): Promise<void> {
  const present = await read(db, keys);
  if (present === undefined || present.masterKeyId === current.id) return;
  const value = wrap(current, present.bytes);
  await db.update(settings).set({ value }).where(eq(settings.key, SETTING));
}

async function read(
  db: Queryable,
  keys: Keys,
): Promise<{ masterKeyId: string; bytes: Uint8Array } | undefined> {
  const [row] = await db.select().from(settings).where(eq(settings.key, SETTING));
  if (row === undefined) return undefined;
  const { master_key_id, wrapped } = v.parse(stored, row.value);
  const key = keys.get(master_key_id);
  if (key === undefined) throw lostMasterKey([master_key_id]);
  const bytes = unseal(key.bytes, Buffer.from(wrapped, "base64"), SETTING);
  return { masterKeyId: master_key_id, bytes };
}

const wrap = (key: MasterKey, bytes: Uint8Array) => ({
  master_key_id: key.id,
  wrapped: Buffer.from(seal(key.bytes, bytes, SETTING)).toString("base64"),
});
