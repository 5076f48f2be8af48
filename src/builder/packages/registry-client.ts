/**
 * Talks to the npm and jsr registries, and to nothing else: every request, redirects included, goes to the origin that the
 * operator configured, so that no package can point the platform at an address of its choice.
 */
import type { PackageManifest } from "./exports.ts";

export interface RegistryOptions {
  /** Origin (and path) of an npm registry, and of one that serves jsr packages to npm clients. */
  npm: string;
  jsr: string;
  timeoutMs: number;
  documentBytesMax: number;
  archiveBytesMax: number;
}

export const DEFAULT_REGISTRY: RegistryOptions = {
  npm: "https://registry.npmjs.org",
  jsr: "https://npm.jsr.io",
  timeoutMs: 20_000,
  documentBytesMax: 64 << 20,
  archiveBytesMax: 32 << 20,
};

export interface Packument {
  "dist-tags"?: Record<string, string>;
  versions?: Record<
    string,
    PackageManifest & {
      dist?: { tarball?: string; integrity?: string; shasum?: string };
      deprecated?: unknown;
    }
  >;
}

export class RegistryClient {
  readonly #options: RegistryOptions;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Null when the registry knows no such package. Throws an Error with the reason otherwise. */
  async packument(name: string): Promise<Packument | null> {
    const url = `${this.#base(name)}/${name.replace("/", "%2f")}`;
    const bytes = await this.#get(
      url,
      this.#options.documentBytesMax,
      "application/vnd.npm.install-v1+json, application/json;q=0.8",
    );
    return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as Packument);
  }

  /** `listed` is the archive's address by the registry's own document; only its path is used. */
  async archive(name: string, version: string, listed: string | undefined): Promise<Uint8Array> {
    const base = this.#base(name);
    const own =
      listed !== undefined &&
      URL.canParse(listed) &&
      new URL(listed).origin === new URL(base).origin;
    const url = own
      ? listed
      : `${base}/${name}/-/${name.slice(name.indexOf("/") + 1)}-${version}.tgz`;
    const bytes = await this.#get(url, this.#options.archiveBytesMax, "*/*");
    if (bytes === null) throw new Error("the registry has no archive of it");
    return bytes;
  }

  #base(name: string): string {
    return (name.startsWith("@jsr/") ? this.#options.jsr : this.#options.npm).replace(/\/+$/, "");
  }

  async #get(url: string, bytesMax: number, accept: string): Promise<Uint8Array | null> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    const origin = new URL(url).origin;
    let target = url;
    for (let hop = 0; hop < 4; hop++) {
      const response = await fetch(target, { headers: { accept }, redirect: "manual", signal });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null)
        return readBody(response, bytesMax);
      target = new URL(location, target).href;
      if (new URL(target).origin !== origin)
        throw new Error("the registry redirects to another host");
    }
    throw new Error("the registry redirects too often");
  }
}

async function readBody(response: Response, bytesMax: number): Promise<Uint8Array | null> {
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the registry answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of response.body ?? []) {
    total += chunk.byteLength;
    if (total > bytesMax) throw new Error(`the registry's answer is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
