/** Questions on the controlling terminal, without a line editor between. */
import { readSync } from "node:fs";

const ENTER = new Set([10, 13]);
const CTRL_C = 3;
const CTRL_D = 4;
const BACKSPACE = new Set([8, 127]);

/** Null when there is no terminal, or Ctrl-C was the answer. A hidden answer does not echo. */
export function askTerminal(question: string, hidden: boolean): string | null {
  if (!process.stdin.isTTY) return null;
  process.stderr.write(question);
  // Raw mode is what keeps a password off the screen; the line editing that it loses is done here.
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
    if (count === 0 || byte === undefined || byte === CTRL_D || ENTER.has(byte)) break;
    if (byte === CTRL_C) return null;
    if (BACKSPACE.has(byte)) bytes.pop();
    else bytes.push(byte);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
