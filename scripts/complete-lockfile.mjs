// `node scripts/complete-lockfile.mjs`: adds what npm leaves out of package-lock.json when a registry
// does not carry a package for some other platform. Without those entries `npm ci` refuses to work.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./lib/install.mjs";

const SYSTEMS = ["darwin", "linux", "win32", "windows", "freebsd", "android", "openharmony"];
const PROCESSORS = ["arm64", "aarch64", "x64", "64", "ia32", "arm", "ppc64", "riscv64", "s390x"];
const RENAMED = { windows: "win32", aarch64: "arm64", 64: "x64" };

const file = path.join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
let added = 0;
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(place, name)) continue;
    lock.packages[`node_modules/${name}`] = foreignPackage(name, version, entry);
    added += 1;
  }
}
const byName = ([left], [right]) => (left < right ? -1 : 1);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byName));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`Added ${added} packages of other platforms\n`);

function isLocked(place, name) {
  for (let at = place; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${at}/node_modules/${name}`]) return true;
  }
  return lock.packages[`node_modules/${name}`] !== undefined;
}

function foreignPackage(name, version, parent) {
  const words = name.split("/").at(-1).split(/[-_.]/);
  const pick = (known) =>
    words.filter((word) => known.includes(word)).map((word) => RENAMED[word] ?? word);
  const [system] = pick(SYSTEMS);
  if (!/^\d/.test(version) || !system)
    throw new Error(`Cannot tell the platform of ${name}@${version}`);
  const processor = pick(PROCESSORS)[0];
  return {
    version,
    ...(processor && { cpu: [processor] }),
    ...(parent.dev && { dev: true }),
    optional: true,
    os: [system],
  };
}
