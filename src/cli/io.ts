/** The terminal, as a dependency: tests run commands in process with their own. */
import { askTerminal } from "../shared/terminal.ts";

export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Everything on standard input, as bytes. */
  readStdin(): Promise<Uint8Array>;
  /** Asks on the terminal; `hidden` does not echo. Null when there is no terminal. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string | null>;
  stdoutIsTerminal: boolean;
  stderrIsTerminal: boolean;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

export function processIo(): CliIo {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    readStdin: async () => new Uint8Array(await Bun.stdin.arrayBuffer()),
    ask: async (question, options) => askTerminal(question, options?.hidden ?? false),
    stdoutIsTerminal: process.stdout.isTTY,
    stderrIsTerminal: process.stderr.isTTY,
    env: process.env,
    cwd: process.cwd(),
  };
}
