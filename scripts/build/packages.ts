/**
 * Packages of a target architecture. npm installs only those of the machine that it runs on, so
 * the others are fetched by `npm pack` and held against the lockfile's checksum.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import lock from "../../package-lock.json" with { type: "json" };

export type Architecture = "x64" | "arm64";

const root = path.resolve(import.meta.dir, "../..");
export const cacheDir = path.join(root, "node_modules/.cache/picloud-build");

interface Locked {
  version: string;
  integrity?: string;
}

const locked = (name: string): Locked => {
  const entry = (lock.packages as Record<string, Locked | undefined>)[`node_modules/${name}`];
  if (entry === undefined) throw new Error(`Cannot find ${name} in package-lock.json`);
  return entry;
};

/** The folder of a package, at the version of the lockfile. */
export async function packageFolder(name: string): Promise<{ folder: string; version: string }> {
  const { version, integrity = "" } = locked(name);
  const installed = path.join(root, "node_modules", name);
  if (existsSync(path.join(installed, "package.json"))) return { folder: installed, version };
  const folder = path.join(cacheDir, `${name.replace("/", "+")}@${version}`);
  if (!existsSync(folder)) await fetchPackage(`${name}@${version}`, integrity, folder);
  return { folder: path.join(folder, "package"), version };
}

async function fetchPackage(spec: string, integrity: string, folder: string): Promise<void> {
  process.stdout.write(`Fetching ${spec}\n`);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  await command(["npm", "pack", spec, "--pack-destination", partial, "--loglevel=error"], root);
  const [name] = [...new Bun.Glob("*.tgz").scanSync({ cwd: partial })];
  if (name === undefined) throw new Error(`Cannot fetch ${spec}: npm pack left no archive`);
  const archive = path.join(partial, name);
  const sum = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (sum !== integrity) throw new Error(`Cannot use ${spec}: its checksum is not the lockfile's`);
  await command(["tar", "-xzf", name], partial);
  rmSync(archive);
  renameSync(partial, folder);
}

export async function command(words: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(words, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0)
    throw new Error(`Cannot run "${words.join(" ")}" (exit code ${code}): ${err}${out}`);
}
