import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import declarations from "../types/picloud.d.ts.txt" with { type: "text" };
import { type Command, defineCommand } from "../command.ts";
import { folderOf } from "../project/files.ts";

/** What an editor checks scripts by. */
export const TSCONFIG = {
  compilerOptions: {
    target: "esnext",
    module: "preserve",
    moduleResolution: "bundler",
    lib: ["esnext", "webworker"],
    types: [],
    jsx: "preserve",
    strict: true,
    // Packages are known by name only, so that what their callbacks are given has no type.
    noImplicitAny: false,
    noEmit: true,
    allowImportingTsExtensions: true,
  },
};

export const commands: readonly Command[] = [
  defineCommand({
    name: "types",
    summary: "Write the type definitions of scripts for an editor",
    description:
      "Writes picloud.d.ts, and a tsconfig.json where there is none, so that an editor knows what a\nscript can use and marks what it cannot.",
    args: [{ name: "folder", description: "The project folder (.)", optional: true }],
    async run(ctx, { args }) {
      const folder = folderOf(ctx.io.cwd, args["folder"]);
      await writeFile(join(folder, "picloud.d.ts"), declarations);
      ctx.io.stdout("picloud.d.ts\n");
      const config = join(folder, "tsconfig.json");
      if (await stat(config).catch(() => null)) return;
      await writeFile(config, `${JSON.stringify(TSCONFIG, null, 2)}\n`);
      ctx.io.stdout("tsconfig.json\n");
    },
  }),
];
