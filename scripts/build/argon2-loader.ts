import path from "node:path";

const sharedModule = path.resolve(import.meta.dir, "../../src/shared/addon-directory.ts");

/**
 * A module in the place of @node-rs/argon2's loader, which would ask the machine that it builds on,
 * embed every candidate, and unpack to /tmp. This one unpacks at the first use, to a chosen place.
 */
export function argon2Loader(addon: string, checksum: string): string {
  return `
    import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
    import { addonDirectory } from ${JSON.stringify(sharedModule)};
    import embedded from ${JSON.stringify(addon)} with { type: "file" };
    let native;
    function load() {
      if (native) return native;
      const file = addonDirectory() + "/argon2-${checksum.slice(0, 16)}.node";
      const bytes = readFileSync(embedded);
      if (!existsSync(file) || !readFileSync(file).equals(bytes)) {
        const partial = file + "." + process.pid;
        writeFileSync(partial, bytes, { mode: 0o700 });
        renameSync(partial, file);
      }
      const target = { exports: {} };
      process.dlopen(target, file);
      return (native = target.exports);
    }
    export const hash = (...given) => load().hash(...given);
    export const verify = (...given) => load().verify(...given);
    export const hashSync = (...given) => load().hashSync(...given);
    export const verifySync = (...given) => load().verifySync(...given);
  `;
}
