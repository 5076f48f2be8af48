/** Runs the command line in process, with a terminal of the test's own. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CliIo } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/run.ts";

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CliSetup {
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
  /** Answers to questions, in order; absent means that there is no terminal. */
  answers?: string[];
  stdoutIsTerminal?: boolean;
  stderrIsTerminal?: boolean;
  fetch?: typeof fetch;
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "picloud-cli-"));

export async function pic(argv: string[], setup: CliSetup = {}): Promise<CliRun> {
  const run: CliRun = { code: -1, stdout: "", stderr: "" };
  const answers = [...(setup.answers ?? [])];
  const io: CliIo = {
    stdout: (text) => void (run.stdout += text),
    stderr: (text) => void (run.stderr += text),
    readStdin: async () => new TextEncoder().encode(setup.stdin ?? ""),
    ask: async (question) => {
      if (setup.answers === undefined) return null;
      run.stderr += question;
      return answers.shift() ?? null;
    },
    stdoutIsTerminal: setup.stdoutIsTerminal ?? false,
    stderrIsTerminal: setup.stderrIsTerminal ?? false,
    env: { XDG_CONFIG_HOME: temporaryFolder(), ...setup.env },
    cwd: setup.cwd ?? temporaryFolder(),
  };
  run.code = await runCli(argv, io, {
    version: "1.2.3",
    ...(setup.fetch ? { fetch: setup.fetch } : {}),
  });
  return run;
}
