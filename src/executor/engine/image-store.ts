/**
 * Images on disk, so that a restart need not evaluate every module again. They hold what evaluation
 * read, secrets too: each file is encrypted, and one that does not decrypt is removed and never run.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecutableScript } from "../../shared/execution.ts";
import type { ScriptImage } from "./builder.ts";
import { decodeImage, encodeImage } from "./image-codec.ts";

const MAGIC = "PCI1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";
const PRUNE_EVERY = 64;

export interface ImageStoreOptions {
  directory: string;
  /** 32 bytes. */
  key: Uint8Array;
  /** Names the engine and the guest runtime: images of another build are never found. */
  runtimeBuild: string;
  bytesMax?: number;
}

const DEFAULT_BYTES_MAX = 1024 * 1024 * 1024;

const digest = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 32);

export class ImageStore {
  readonly #options: Required<ImageStoreOptions>;
  #stored = 0;
  #made: Promise<unknown> | undefined;

  constructor(options: ImageStoreOptions) {
    this.#options = { bytesMax: DEFAULT_BYTES_MAX, ...options };
  }

  #path(name: string): string {
    return join(this.#options.directory, name);
  }

  /** `<script>-<content and build>.img`: the first part finds all images of a script. */
  #name(script: ExecutableScript, imageKey: string): string {
    return `${digest(script.scriptId)}-${digest(`${this.#options.runtimeBuild}:${imageKey}`)}.img`;
  }

  /** Undefined where there is no image, or none that can be trusted. */
  async load(script: ExecutableScript, imageKey: string): Promise<ScriptImage | undefined> {
    const name = this.#name(script, imageKey);
    let file: Uint8Array;
    try {
      file = await Bun.file(this.#path(name)).bytes();
    } catch {
      return undefined;
    }
    try {
      return decodeImage(this.#decrypt(name, file));
    } catch {
      await this.#remove(name);
      return undefined;
    }
  }

  /** Keeps an image in place of all others of its script. A full or read-only disk only costs the speed. */
  async save(script: ExecutableScript, imageKey: string, image: ScriptImage): Promise<void> {
    const name = this.#name(script, imageKey);
    try {
      this.#made ??= mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
      await this.#made;
      const temporary = this.#path(`${name}.${process.pid}.tmp`);
      await writeFile(temporary, this.#encrypt(name, encodeImage(image)), { mode: 0o600 });
      await rename(temporary, this.#path(name));
      await this.forget(script, name);
      this.#stored += 1;
      if (this.#stored % PRUNE_EVERY === 1) await this.#prune();
    } catch {
      await this.#remove(name);
    }
  }

  /** Removes the images of a script, all but one where that is named. */
  async forget(script: ExecutableScript, except = ""): Promise<void> {
    const prefix = `${digest(script.scriptId)}-`;
    for (const name of await this.#list()) {
      if (name.startsWith(prefix) && name.endsWith(".img") && name !== except)
        await this.#remove(name);
    }
  }

  async #list(): Promise<string[]> {
    try {
      return await readdir(this.#options.directory);
    } catch {
      return [];
    }
  }

  async #remove(name: string): Promise<void> {
    await unlink(this.#path(name)).catch(() => undefined);
  }

  /** The oldest go until the rest fits. */
  async #prune(): Promise<void> {
    const files: { name: string; bytes: number; at: number }[] = [];
    for (const name of await this.#list()) {
      const found = await stat(this.#path(name)).catch(() => undefined);
      if (found !== undefined) files.push({ name, bytes: found.size, at: found.mtimeMs });
    }
    files.sort((a, b) => b.at - a.at);
    let total = 0;
    for (const { name, bytes } of files) {
      total += bytes;
      if (total > this.#options.bytesMax) await this.#remove(name);
    }
  }

  /** The name is authenticated too, so that one script's image cannot stand in for another's. */
  #encrypt(name: string, plain: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#options.key, nonce);
    cipher.setAAD(Buffer.from(name));
    const body = cipher.update(plain);
    return Buffer.concat([Buffer.from(MAGIC), nonce, body, cipher.final(), cipher.getAuthTag()]);
  }

  #decrypt(name: string, file: Uint8Array): Uint8Array {
    const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
    const start = MAGIC.length + NONCE_BYTES;
    if (bytes.length < start + TAG_BYTES || bytes.subarray(0, MAGIC.length).toString() !== MAGIC) {
      throw new Error("Not an image file");
    }
    const decipher = createDecipheriv(
      ALGORITHM,
      this.#options.key,
      bytes.subarray(MAGIC.length, start),
    );
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(start, -TAG_BYTES)), decipher.final()]);
  }
}
