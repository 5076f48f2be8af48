/** The one key that all other keys are wrapped with. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, open, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

export interface MasterKey {
  /** Tells keys apart; says nothing of the key. */
  id: string;
  bytes: Uint8Array;
}

const KEY_BYTES = 32;
const FILE_NAME = "master.key";
const NEXT_FILE_NAME = "master.key.next";

export interface MasterKeySource {
  given: Uint8Array | null;
  dataDir: string;
}

/**
 * The given key, else the one of the file in the data directory, which is made (0600) where there is none.
 * @throws Error when the file holds no key, or others may read it
 */
export async function loadMasterKey({ given, dataDir }: MasterKeySource): Promise<MasterKey> {
  if (given !== null) return masterKey(given);
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, FILE_NAME);
  await createOnce(path);
  return await readKeyFile(path);
}

/** False where the key would have to be made. */
export const hasMasterKey = ({ given, dataDir }: MasterKeySource): boolean =>
  given !== null || existsSync(join(dataDir, FILE_NAME));

/** The key of a change that was begun here and may not have been completed, or null. */
export async function loadNextMasterKey(dataDir: string): Promise<MasterKey | null> {
  const path = join(dataDir, NEXT_FILE_NAME);
  return existsSync(path) ? await readKeyFile(path) : null;
}

/** Written down before the database is touched, so that no crash loses the only key. */
export async function makeNextMasterKey(dataDir: string): Promise<MasterKey> {
  const path = join(dataDir, NEXT_FILE_NAME);
  await createOnce(path);
  return await readKeyFile(path);
}

export async function adoptNextMasterKey(dataDir: string): Promise<void> {
  await rename(join(dataDir, NEXT_FILE_NAME), join(dataDir, FILE_NAME));
}

export async function dropNextMasterKey(dataDir: string): Promise<void> {
  await rm(join(dataDir, NEXT_FILE_NAME), { force: true });
}

async function readKeyFile(path: string): Promise<MasterKey> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw new Error(
      `Cannot use the master key of ${path}: others than its owner may read it; run chmod 600 on it, and change the key when somebody may have read it`,
    );
  const bytes = Buffer.from((await readFile(path, "utf8")).trim(), "base64");
  if (bytes.length === KEY_BYTES) return masterKey(bytes);
  throw new Error(
    `Cannot use the master key of ${path}: it is not ${KEY_BYTES} bytes as base64; restore the file from your backup`,
  );
}

export function masterKey(bytes: Uint8Array): MasterKey {
  const id = createHash("sha256")
    .update("picloud master key id\0")
    .update(bytes)
    .digest("hex")
    .slice(0, 16);
  return { id, bytes: new Uint8Array(bytes) };
}

/** Leaves a file that is there already as it is. Nobody ever sees it half-written. */
async function createOnce(path: string): Promise<void> {
  if (existsSync(path)) return;
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES).toString("base64")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await unlink(draft);
  }
}

export const lostMasterKey = (ids: readonly string[]): Error =>
  new Error(
    `Cannot read the secrets: they are encrypted with master key ${ids.join(", ")}, which is not at hand; ` +
      "restore master.key in the data directory, or PICLOUD_MASTER_KEY, from your backup",
  );
