import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Command, defineCommand } from "../command.ts";
import { CliError, EXIT, usageError } from "../errors.ts";
import { folderOf } from "../project/files.ts";
import { TEMPLATES } from "../templates/index.ts";

const NAMES = Object.keys(TEMPLATES);

export const commands: readonly Command[] = [
  defineCommand({
    name: "init",
    summary: "Start a project from a template",
    args: [
      { name: "template", description: `${NAMES.join(", ")} (hello)`, optional: true },
      { name: "folder", description: "Where to write it (.)", optional: true },
    ],
    options: {
      app: { type: "string", value: "SLUG", description: "The app's slug (the folder's name)" },
    },
    async run(ctx, { options, args }) {
      const name = args["template"] ?? "hello";
      const template = TEMPLATES[name];
      if (!template)
        throw usageError(`There is no template \`${name}\`: ${NAMES.join(", ")}`, "init");
      const folder = folderOf(ctx.io.cwd, args["folder"]);
      await mkdir(folder, { recursive: true });
      await refuseToOverwrite(folder, Object.keys(template));
      const slug = options.app ?? slugOf(basename(folder));
      for (const [path, text] of Object.entries(template)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text.replaceAll("{{app}}", slug));
        ctx.io.stdout(`${path}\n`);
      }
      ctx.note("Next: `pic dev` to run it here, `pic deploy` to upload it");
    },
  }),
];

async function refuseToOverwrite(folder: string, paths: string[]): Promise<void> {
  const present = new Set(await readdir(folder));
  const taken = paths.map((path) => path.split("/")[0] ?? path).find((path) => present.has(path));
  if (taken !== undefined) {
    throw new CliError(
      EXIT.conflict,
      `${taken} is there already in ${folder}`,
      "Choose an empty folder",
    );
  }
}

/** A slug by the rules of the contract, from any folder name. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
  return slug === "" ? "app" : slug;
}
