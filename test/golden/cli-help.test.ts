import { expect, test } from "bun:test";
import { GROUPS } from "../../src/cli/registry.ts";
import { pic } from "../cli/support.ts";
import { expectGolden } from "./golden.ts";

const GOLDEN = `${import.meta.dir}/cli-help.txt`;

async function everyPage(): Promise<string> {
  const pages = [["--help"]];
  for (const entry of GROUPS.flatMap((group) => group.entries)) {
    const own = (await entry.load()).commands.filter((command) => command.name.split(" ")[0] === entry.name);
    if (own.some((command) => command.name !== entry.name)) pages.push([entry.name, "--help"]);
    for (const command of own) pages.push([...command.name.split(" "), "--help"]);
  }
  const texts: string[] = [];
  for (const argv of pages) {
    const run = await pic(argv);
    expect({ argv, code: run.code, stderr: run.stderr }).toEqual({ argv, code: 0, stderr: "" });
    texts.push(`$ pic ${argv.join(" ")}\n\n${run.stdout}`);
  }
  return texts.join("\n");
}

test("every help page of pic is the one that was reviewed", async () => {
  await expectGolden(GOLDEN, await everyPage());
});
