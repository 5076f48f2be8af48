/** `bun run build [x64|arm64 ...]`: one executable per architecture into dist/, with everything inside. */
import { mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { packageFolder } from "./build/packages.ts";
import type { Architecture } from "./build/packages.ts";
import { embeddedParts } from "./build/plugins.ts";

const ARCHITECTURES = { x64: "bun-linux-x64", arm64: "bun-linux-aarch64" } as const;
const root = path.resolve(import.meta.dir, "..");

const asked = process.argv.slice(2).filter((name): name is Architecture => name in ARCHITECTURES);
const chosen = asked.length > 0 ? asked : (Object.keys(ARCHITECTURES) as Architecture[]);
mkdirSync(path.join(root, "dist"), { recursive: true });
for (const architecture of chosen) await build(architecture);

async function build(architecture: Architecture): Promise<void> {
  const began = performance.now();
  const outfile = path.join(root, `dist/picloud-linux-${architecture}`);
  rmSync(outfile, { force: true });
  const result = await Bun.build({
    entrypoints: [path.join(root, "src/main.ts")],
    target: "bun",
    format: "esm",
    minify: true,
    sourcemap: "linked",
    bytecode: true,
    plugins: [await embeddedParts(architecture)],
    compile: {
      target: `bun-linux-${architecture}`,
      executablePath: await runtimeOf(architecture),
      outfile,
      // Started in a stranger's directory, it must not take its .env or bunfig.toml for its own.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
    throw: false,
  });
  if (!result.success) {
    for (const { message, position } of result.logs)
      process.stderr.write(`${message} (${position?.file ?? "?"}:${position?.line ?? "?"})\n`);
    throw new Error(`Cannot build the executable for ${architecture}`);
  }
  const megabytes = (statSync(outfile).size / 1e6).toFixed(1);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`dist/${path.basename(outfile)}  ${megabytes} MB  (${seconds} s)\n`);
}

/** The bun that becomes the executable: the one that runs now, or of the other architecture's package. */
async function runtimeOf(architecture: Architecture): Promise<string> {
  if (architecture === process.arch) return process.execPath;
  const { folder } = await packageFolder(`@oven/${ARCHITECTURES[architecture]}`);
  return path.join(folder, "bin/bun");
}
