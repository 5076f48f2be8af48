/** A line diff of two sets of files, in the unified form, by the longest common subsequence. */
import type { Files } from "../client/types.ts";

const CONTEXT = 3;

type Line = { kind: " " | "-" | "+"; text: string };

export function diffFiles(before: Files, after: Files): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.map((name) => diffFile(name, textOf(before[name]), textOf(after[name]))).join("");
}

/** Of what is no text only that it is another one. */
const textOf = (content: Files[string] | undefined): string | undefined =>
  typeof content === "object"
    ? `binary, SHA-256 ${new Bun.CryptoHasher("sha256").update(content.base64, "base64").digest("hex")}`
    : content;

function diffFile(name: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return "";
  const header = `--- ${before === undefined ? "/dev/null" : `a/${name}`}\n+++ ${after === undefined ? "/dev/null" : `b/${name}`}\n`;
  return header + hunks(diffLines(splitLines(before), splitLines(after)));
}

const splitLines = (text: string | undefined): string[] =>
  text === undefined || text === "" ? [] : text.replace(/\n$/, "").split("\n");

function diffLines(before: string[], after: string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let [endA, endB] = [before.length, after.length];
  while (endA > start && endB > start && before[endA - 1] === after[endB - 1]) {
    endA--;
    endB--;
  }
  const same = (lines: string[]): Line[] => lines.map((text) => ({ kind: " ", text }));
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, endA), after.slice(start, endB)),
    ...same(before.slice(endA)),
  ];
}

/** Past this many cells the table costs more than an exact diff is worth: show all out, all in. */
const CELLS_MAX = 4_000_000;

function middle(before: string[], after: string[]): Line[] {
  const removed = before.map((text): Line => ({ kind: "-", text }));
  const added = after.map((text): Line => ({ kind: "+", text }));
  if (before.length * after.length > CELLS_MAX) return [...removed, ...added];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ kind: " ", text: before[i] ?? "" });
      i++;
      j++;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed[i++] ?? { kind: "-", text: "" });
    } else {
      lines.push(added[j++] ?? { kind: "+", text: "" });
    }
  }
  return lines;
}

function hunks(lines: Line[]): string {
  const changed = lines.flatMap((line, index) => (line.kind === " " ? [] : [index]));
  const ranges: [number, number][] = [];
  for (const index of changed) {
    const last = ranges.at(-1);
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(lines.length, index + CONTEXT + 1)];
    if (last && from <= last[1]) last[1] = to;
    else ranges.push([from, to]);
  }
  return ranges.map(([from, to]) => renderHunk(lines, from, to)).join("");
}

function renderHunk(lines: Line[], from: number, to: number): string {
  const count = (part: Line[], skip: "+" | "-"): number =>
    part.filter((line) => line.kind !== skip).length;
  const [head, part] = [lines.slice(0, from), lines.slice(from, to)];
  const [oldCount, newCount] = [count(part, "+"), count(part, "-")];
  const oldStart = count(head, "+") + (oldCount > 0 ? 1 : 0);
  const newStart = count(head, "-") + (newCount > 0 ? 1 : 0);
  const body = part.map((line) => `${line.kind}${line.text}\n`).join("");
  return `@@ -${oldStart},${oldCount} +${newStart},${newCount} @@\n${body}`;
}
