/** The lines around an error in a source file, as compilers show them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiError } from "../../client/api-client.ts";
import { printable } from "../output.ts";

const AROUND = 2;

export function renderFrame(source: string, line: number, column: number): string {
  const lines = source.split("\n");
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const width = String(last).length;
  const out: string[] = [];
  for (let number = first; number <= last; number++) {
    const mark = number === line ? ">" : " ";
    out.push(`${mark} ${String(number).padStart(width)} | ${printable(lines[number - 1] ?? "")}`);
    if (number === line)
      out.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}^`);
  }
  return out.join("\n");
}

/** The frame for a refused deploy, when the server told the position and the file is there. */
export async function frameOf(folder: string, error: unknown): Promise<string | null> {
  if (!(error instanceof ApiError)) return null;
  const { file, line, column } = error.problem;
  if (typeof file !== "string" || typeof line !== "number") return null;
  const source = await readFile(join(folder, file), "utf8").catch(() => null);
  return source === null
    ? null
    : renderFrame(source, line, typeof column === "number" ? column : 1);
}
