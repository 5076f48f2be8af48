/** Package archives on disk, named by their sha512, so that one that was tampered with is seen and fetched again. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const integrityOf = (bytes: Uint8Array): string =>
  `sha512-${new Bun.CryptoHasher("sha512").update(bytes).digest("base64")}`;

export class ArchiveCache {
  readonly #folder: string | null;

  /** Without a folder nothing is kept. */
  constructor(folder: string | null) {
    this.#folder = folder;
  }

  async read(integrity: string): Promise<Uint8Array | null> {
    const path = this.#path(integrity);
    if (path === null) return null;
    const bytes = await Bun.file(path)
      .bytes()
      .catch(() => null);
    return bytes !== null && integrityOf(bytes) === integrity ? bytes : null;
  }

  /** A disk that refuses costs only the next download. */
  async write(integrity: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(integrity);
    if (path === null || this.#folder === null) return;
    const draft = `${path}.${process.pid}.draft`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, bytes, { mode: 0o600 });
      await rename(draft, path);
    } catch {
      return;
    }
  }

  #path(integrity: string): string | null {
    const digest = Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
    return this.#folder === null || digest.length !== 128
      ? null
      : join(this.#folder, `${digest}.tgz`);
  }
}
