#!/usr/bin/env bun
/** argv -> command. The only place that ends the process. */
import { basename } from "node:path";
import { withRuntimeSettings } from "./shared/runtime-settings.ts";
import { PRODUCT_VERSION } from "./shared/versions.ts";

type Run = (argv: string[]) => Promise<number>;

/** Modules load when their command runs: `pic --version` must not wait for a database driver. */
const COMMANDS: Readonly<Record<string, Run>> = {
  serve: async (argv) => {
    withRuntimeSettings(["serve", ...argv]);
    return (await import("./server/serve.ts")).runServe(argv);
  },
  admin: async (argv) => (await import("./server/admin.ts")).runAdmin(argv),
  executor: async () =>
    (await import("./executor/process/executor-process.ts")).runExecutorProcess(),
  builder: async () => (await import("./builder/process.ts")).runBuilderProcess(),
  pic: runPic,
  cli: runPic,
  types: (argv) => runPic(["types", ...argv]),
};

async function runPic(argv: string[]): Promise<number> {
  const [{ runCli }, { processIo }] = await Promise.all([
    import("./cli/run.ts"),
    import("./cli/io.ts"),
  ]);
  return runCli(argv, processIo(), { version: PRODUCT_VERSION });
}

const HELP = `PiCloud turns a small board or a server into an edge platform.

Usage: picloud <command>

  serve    Run the platform (picloud serve --help lists the settings)
  pic      The developer's command line (also when the program is called pic)
  types    Write the type definitions of scripts for an editor
  admin    Local rescue: reset-password, create-owner, list-users
  version  Print the version
`;

async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (basename(process.argv0) === "pic") return runPic(argv);
  const run = name === undefined ? undefined : COMMANDS[name];
  if (run) return run(rest);
  const known = name === undefined || name === "help" || name === "--help" || name === "-h";
  if (name === "version" || name === "--version" || name === "-v")
    process.stdout.write(`${PRODUCT_VERSION}\n`);
  else if (known) process.stdout.write(HELP);
  else process.stderr.write(`error: There is no command \`${name}\`\n\n${HELP}`);
  return known || name === "version" || name === "--version" || name === "-v" ? 0 : 2;
}

process.exitCode = await main(process.argv.slice(2));
process.exit();
