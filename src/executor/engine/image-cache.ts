/** Script images in memory, the least recently used one out first. */
import type { ScriptImage } from "./builder.ts";
import { imageBytes } from "./image.ts";
import type { Image } from "./image.ts";

export class ImageCache {
  readonly #images = new Map<string, ScriptImage>();
  readonly #bytesMax: number;
  readonly #onDrop: (image: Image) => void;
  bytes = 0;

  constructor(bytesMax: number, onDrop: (image: Image) => void) {
    this.#bytesMax = bytesMax;
    this.#onDrop = onDrop;
  }

  get size(): number {
    return this.#images.size;
  }

  has(key: string): boolean {
    return this.#images.has(key);
  }

  /** Does not count as use. */
  peek(key: string): ScriptImage | undefined {
    return this.#images.get(key);
  }

  get(key: string): ScriptImage | undefined {
    const found = this.#images.get(key);
    if (found === undefined) return undefined;
    this.#images.delete(key);
    this.#images.set(key, found);
    return found;
  }

  set(key: string, image: ScriptImage): void {
    this.delete(key);
    this.#images.set(key, image);
    this.bytes += imageBytes(image.image);
    for (const oldest of this.#images.keys()) {
      if (this.bytes <= this.#bytesMax || oldest === key) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.#images.get(key);
    if (found === undefined) return;
    this.#images.delete(key);
    this.bytes -= imageBytes(found.image);
    this.#onDrop(found.image);
  }
}
