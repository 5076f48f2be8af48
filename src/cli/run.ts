/** From argv to an exit code. Never exits the process itself: main does. */
import type { Command } from "./command.ts";
import { CliContext } from "./context.ts";
import { describeFailure, EXIT, usageError } from "./errors.ts";
import { renderCommandHelp, renderNounHelp, renderTopHelp } from "./help.ts";
import type { CliIo } from "./io.ts";
import { parseCommandLine } from "./parse.ts";
import { lookUp } from "./registry.ts";

export interface CliOptions {
  version: string;
  fetch?: typeof fetch;
}

export async function runCli(argv: string[], io: CliIo, options: CliOptions): Promise<number> {
  try {
    return await dispatch(argv, io, options);
  } catch (error) {
    const failure = describeFailure(error);
    const [first = "", ...others] = failure.lines;
    io.stderr([paintError(io, first), ...others].join("\n") + "\n");
    return failure.exitCode;
  }
}

async function dispatch(argv: string[], io: CliIo, options: CliOptions): Promise<number> {
  const [first] = argv;
  if (first === "--version" || first === "-v") {
    io.stdout(`${options.version}\n`);
    return EXIT.ok;
  }
  if (first === undefined || first === "--help" || first === "-h") {
    io.stdout(renderTopHelp());
    return EXIT.ok;
  }
  const words = first === "help" ? [...argv.slice(1), "--help"] : argv;
  if (words[0] === "--help") {
    io.stdout(renderTopHelp());
    return EXIT.ok;
  }
  const found = await lookUp(words);
  if (found.kind === "unknown") throw usageError(`Unknown command \`${found.name}\``, "");
  if (found.kind === "noun") {
    if (found.verb !== undefined)
      throw usageError(`Unknown verb \`${found.noun} ${found.verb}\``, found.noun);
    const help = renderNounHelp(found.noun, found.commands);
    if (!words.includes("--help") && !words.includes("-h")) {
      io.stderr(help);
      return EXIT.usage;
    }
    io.stdout(help);
    return EXIT.ok;
  }
  return runCommand(found.command, found.rest, io, options);
}

async function runCommand(
  command: Command,
  argv: string[],
  io: CliIo,
  options: CliOptions,
): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    io.stdout(renderCommandHelp(command));
    return EXIT.ok;
  }
  const parsed = parseCommandLine(command, argv);
  const ctx = new CliContext(io, parsed.options, options.fetch);
  const code = await command.run(ctx, { options: parsed.options as never, args: parsed.args });
  return code ?? EXIT.ok;
}

function paintError(io: CliIo, line: string): string {
  if (!io.stderrIsTerminal || io.env["NO_COLOR"]) return line;
  return line.replace(/^error:/, "\u001b[31merror:\u001b[0m");
}
