/** The one key that all other keys are wrapped with. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface MasterKey {
  /** Tells keys apart; says nothing of the key. */
  id: string;
  bytes: Uint8Array;
}

const KEY_BYTES = 32;
const FILE_NAME = "master.key";

/**
 * The given key, else the one of the file in the data directory, which is made (0600) where there is none.
 * @throws Error when the file holds no key
 */
export async function loadMasterKey(options: {
  given: Uint8Array | null;
  dataDir: string;
}): Promise<MasterKey> {
  if (options.given !== null) return masterKey(options.given);
  const path = join(options.dataDir, FILE_NAME);
  await mkdir(options.dataDir, { recursive: true });
  const text = (await createOnce(path)) ?? (await readFile(path, "utf8"));
  const bytes = Buffer.from(text.trim(), "base64");
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

/** The text of a new key, or undefined when the file was there already. */
async function createOnce(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      const text = randomBytes(KEY_BYTES).toString("base64");
      await file.writeFile(`${text}\n`);
      await file.sync();
      return text;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  }
}
