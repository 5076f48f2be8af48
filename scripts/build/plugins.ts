/** What the executable holds in place of the modules that find things in a checkout. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { BunPlugin } from "bun";
import { bundleGuestSources } from "../../src/executor/guest-sources.ts";
import { argon2Loader } from "./argon2-loader.ts";
import { packageFolder } from "./packages.ts";
import type { Architecture } from "./packages.ts";
import { packPostgres } from "./postgres-archive.ts";

export async function embeddedParts(architecture: Architecture): Promise<BunPlugin> {
  const postgres = await packPostgres(architecture);
  const addon = await argon2Addon(architecture);
  const guest = await bundleGuestSources();
  const modules: [filter: RegExp, contents: string][] = [
    [
      /\/src\/server\/postgres\/archive\.ts$/,
      `import path from ${JSON.stringify(postgres.path)} with { type: "file" };
       export const postgresArchive = { path, sha256: "${postgres.sha256}", version: "${postgres.version}" };`,
    ],
    [
      /\/src\/executor\/guest-sources\.ts$/,
      `const sources = Promise.resolve(${JSON.stringify(guest)});
       export const guestSources = () => sources;
       export const bundleGuestSources = guestSources;`,
    ],
    [/\/@node-rs\/argon2\/index\.js$/, argon2Loader(addon, checksumOf(addon))],
  ];
  return {
    name: "embedded-parts",
    setup(build) {
      for (const [filter, contents] of modules)
        build.onLoad({ filter }, () => ({ contents, loader: "js" }));
    },
  };
}

async function argon2Addon(architecture: Architecture): Promise<string> {
  const name = `linux-${architecture}-gnu`;
  const { folder } = await packageFolder(`@node-rs/argon2-${name}`);
  return path.join(folder, `argon2.${name}.node`);
}

const checksumOf = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");
