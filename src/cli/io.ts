/** The terminal, as a dependency: tests run commands in process with their own. */
import { readSync } from "node:fs";

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
    ask: async (question, options) =>
      process.stdin.isTTY ? askTerminal(question, options?.hidden ?? false) : null,
    stdoutIsTerminal: process.stdout.isTTY,
    stderrIsTerminal: process.stderr.isTTY,
    env: process.env,
    cwd: process.cwd(),
  };
}

const ENTER = new Set([10, 13]);
const CTRL_C = 3;
const CTRL_D = 4;
const BACKSPACE = new Set([8, 127]);

/** Raw mode is what keeps a password off the screen; the line editing that it loses is done here. */
function askTerminal(question: string, hidden: boolean): string | null {
  process.stderr.write(question);
  process.stdin.setRawMode(hidden);
  try {
    return readLine();
  } finally {
    process.stdin.setRawMode(false);
    if (hidden) process.stderr.write("\n");
  }
}

function readLine(): string | null {
  const bytes: number[] = [];
  const buffer = new Uint8Array(1);
  for (;;) {
    const count = readSync(0, buffer);
    const byte = buffer[0];
    if (count === 0 || byte === undefined || byte === CTRL_D) break;
    if (ENTER.has(byte)) break;
    if (byte === CTRL_C) return null;
    if (BACKSPACE.has(byte)) bytes.pop();
    else bytes.push(byte);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
