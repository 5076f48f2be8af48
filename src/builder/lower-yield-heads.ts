/**
 * QuickJS miscompiles `for (x of yield y)`. The value is taken in the head of an outer loop that runs once, so
 * that labels and unlabelled `break` and `continue` keep their meaning.
 */
import {
  applyEdits,
  childrenOf,
  type Edit,
  isNode,
  parseModule,
  type SyntaxNode,
} from "./syntax.ts";

const SUSPECT = /\bof\b[^;]*\byield\b/;

/** The code as it is where it has no such loop. */
export function lowerYieldHeads(code: string): string {
  const program = SUSPECT.test(code) ? parseModule(code) : null;
  if (program === null) return code;
  const edits: Edit[] = [];
  visit(program, program, code, edits);
  return edits.length === 0 ? code : applyEdits(code, edits);
}

/** `outer` is the node itself, or the labels around it. */
function visit(node: SyntaxNode, outer: SyntaxNode, code: string, edits: Edit[]): void {
  const { right } = node;
  const lowered = node.type === "ForOfStatement" && isNode(right) && hasYield(right);
  if (lowered) {
    const name = `__yielded${edits.length}`;
    const head = `for (let ${name} = [${code.slice(right.start, right.end)}]; ${name}.length; ) `;
    edits.push({ start: outer.start, end: outer.start, text: head, rank: -outer.end });
    edits.push({ start: right.start, end: right.end, text: `${name}.pop()`, rank: 0 });
  }
  for (const child of childrenOf(node)) {
    if (lowered && child === right) continue;
    visit(child, node.type === "LabeledStatement" ? outer : child, code, edits);
  }
}

const hasYield = (node: SyntaxNode): boolean =>
  node.type === "YieldExpression" ||
  (!/Function/.test(node.type) && childrenOf(node).some(hasYield));
