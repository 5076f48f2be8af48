/** What the rewriting steps share: the bundle's syntax tree, and edits of its text. */
import { parse } from "acorn";

export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

export interface Edit {
  start: number;
  /** Text from `start` to here is replaced; equal to `start` for an insertion. */
  end: number;
  text: string;
  /** Among edits at one place, lower ranks come first. */
  rank: number;
}

/** Null when the text is no module that this parser knows. */
export function parseModule(code: string): SyntaxNode | null {
  try {
    return parse(code, { ecmaVersion: "latest", sourceType: "module" }) as unknown as SyntaxNode;
  } catch {
    return null;
  }
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

export function applyEdits(code: string, edits: readonly Edit[]): string {
  let result = "";
  let done = 0;
  for (const { start, end, text } of edits.toSorted(
    (a, b) => a.start - b.start || a.rank - b.rank,
  )) {
    result += code.slice(done, start) + text;
    done = end;
  }
  return result + code.slice(done);
}
