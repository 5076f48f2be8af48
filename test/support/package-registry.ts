/** A package registry on 127.0.0.1 that serves archives of this checkout's node_modules, or of files given by the test. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const MODULES = join(import.meta.dir, "../../node_modules");

export interface PackageRegistry {
  url: string;
  /** Paths asked for, in order. */
  requests: string[];
  /** Adds or replaces a version from files (`package.json` is made when absent). */
  add(name: string, version: string, files: Record<string, string>): void;
  /** As the registry lists it. */
  integrity(name: string, version: string): string;
  /** Replaces what is sent as a version's archive, without a change of its listed integrity. */
  tamper(name: string, version: string, archive: Uint8Array): void;
  stop(): Promise<void>;
}

interface Version {
  manifest: Record<string, unknown>;
  archive: Uint8Array;
  integrity: string;
}

let installed: Map<string, string[]> | undefined;

export function startPackageRegistry(): PackageRegistry {
  const packages = new Map<string, Map<string, Version>>();
  const requests: string[] = [];
  const versionsOf = (name: string): Map<string, Version> | undefined =>
    packages.get(name) ?? loadInstalled(packages, name);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, own): Response {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      requests.push(path);
      const [, name = path, version] = /^(.*)\/-\/(.*)\.tgz$/.exec(path) ?? [];
      const versions = versionsOf(name);
      if (versions === undefined) return new Response("{}", { status: 404 });
      if (version === undefined) return Response.json(packument(name, versions, own.url.href));
      const found = versions.get(version);
      return found === undefined
        ? new Response("", { status: 404 })
        : new Response(new Uint8Array(found.archive));
    },
  });
  return {
    url: server.url.href,
    requests,
    integrity: (name, version) => packages.get(name)?.get(version)?.integrity ?? "",
    add(name, version, files) {
      const manifest = { name, version, ...(JSON.parse(files["package.json"] ?? "{}") as object) };
      const versions = packages.get(name) ?? new Map<string, Version>();
      versions.set(
        version,
        makeVersion(manifest, { ...files, "package.json": JSON.stringify(manifest) }),
      );
      packages.set(name, versions);
    },
    tamper(name, version, archive) {
      const found = packages.get(name)?.get(version);
      if (found === undefined) throw new Error(`No ${name}@${version} to tamper with`);
      found.archive = archive;
    },
    stop: () => server.stop(true),
  };
}

function packument(name: string, versions: Map<string, Version>, url: string): object {
  const listed = [...versions].map(([version, { manifest, integrity }]) => [
    version,
    { ...manifest, dist: { tarball: `${url}${name}/-/${version}.tgz`, integrity } },
  ]);
  const stable = [...versions.keys()]
    .filter((version) => !version.includes("-"))
    .toSorted(Bun.semver.order);
  return {
    name,
    "dist-tags": { latest: stable.at(-1) },
    versions: Object.fromEntries(listed) as object,
  };
}

/** Folders of every installed package by name, nested versions included. */
function installedFolders(
  modules: string,
  found = new Map<string, string[]>(),
): Map<string, string[]> {
  if (!existsSync(modules)) return found;
  for (const entry of readdirSync(modules)) {
    const names = entry.startsWith("@")
      ? readdirSync(join(modules, entry)).map((name) => `${entry}/${name}`)
      : [entry];
    for (const name of names) {
      const folder = join(modules, name);
      if (!existsSync(join(folder, "package.json"))) continue;
      found.set(name, [...(found.get(name) ?? []), folder]);
      installedFolders(join(folder, "node_modules"), found);
    }
  }
  return found;
}

function loadInstalled(
  packages: Map<string, Map<string, Version>>,
  name: string,
): Map<string, Version> | undefined {
  installed ??= installedFolders(MODULES);
  const folders = installed.get(name);
  if (folders === undefined) return undefined;
  const versions = new Map<string, Version>();
  for (const folder of folders) {
    const files = readPackage(folder);
    const manifest = JSON.parse(files["package.json"] ?? "{}") as { version: string };
    versions.set(manifest.version, makeVersion(manifest, files));
  }
  packages.set(name, versions);
  return versions;
}

function readPackage(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (entry.isFile() && !path.startsWith("node_modules/") && /\.([cm]?jsx?|json)$/.test(path))
      files[path] = readFileSync(join(folder, path), "utf8");
  }
  return files;
}

function makeVersion(manifest: object, files: Record<string, string>): Version {
  const archive = new Uint8Array(
    gzipSync(makeTar(Object.entries(files).map(([path, text]) => [`package/${path}`, text])), {
      level: 1,
    }),
  );
  const integrity = `sha512-${new Bun.CryptoHasher("sha512").update(archive).digest("base64")}`;
  return { manifest: manifest as Record<string, unknown>, archive, integrity };
}

/** A ustar archive; long paths by extended headers. */
export function makeTar(entries: [path: string, text: string][]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [path, text] of entries) {
    if (Buffer.byteLength(path) > 99) {
      const line = ` path=${path}\n`;
      const length = line.length + String(line.length + 3).length;
      blocks.push(...entryBlocks("pax", `${length}${line}`, "x"));
    }
    blocks.push(...entryBlocks(path.slice(0, 99), text, "0"));
  }
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(1024)]));
}

function entryBlocks(path: string, text: string, type: string): Uint8Array[] {
  const body = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write(body.length.toString(8).padStart(11, "0"), 124);
  header.write(`        ${type}`, 148);
  header.write("ustar\0", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
}
