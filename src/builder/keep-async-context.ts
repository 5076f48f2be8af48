/**
 * QuickJS has no hook that tells which context an `await` resumes in, so a bundle that uses AsyncLocalStorage
 * carries it itself: each await saves the context and puts it back, and so do catch and finally, which an await
 * may enter by rejecting. `for await` is made of these before (lower-for-await.ts).
 */
import {
  applyEdits,
  childrenOf,
  type Edit,
  isNode,
  parseModule,
  type SyntaxNode,
} from "./syntax.ts";

const USES = /\bAsyncLocalStorage\b/;
const PRELUDE = `const __context = globalThis[Symbol.for("picloud.module")]("picloud:context");`;

/** The code as it is where it does not use AsyncLocalStorage, or cannot be parsed. Line numbers stay. */
export function keepAsyncContext(code: string): string {
  if (!USES.test(code)) return code;
  const program = parseModule(code);
  if (program === null) return code;
  const edits: Edit[] = [];
  visit(program, edits, { count: 0 });
  return PRELUDE + applyEdits(code, edits);
}

function visit(node: SyntaxNode, edits: Edit[], names: { count: number }): void {
  if (node.type === "AwaitExpression")
    wrap(edits, node, "__context.resume(__context.save(), ", ")");
  else if (node.type === "TryStatement") guardTry(node, edits, `__saved${names.count++}`);
  for (const child of childrenOf(node)) visit(child, edits, names);
}

/** Of nested nodes with one start, the outer text comes first; with one end, the inner. */
function wrap(edits: Edit[], node: SyntaxNode, before: string, after: string): void {
  edits.push(
    { start: node.start, end: node.start, rank: 1e9 - node.end, text: before },
    { start: node.end, end: node.end, rank: -1e9 - node.start, text: after },
  );
}

function insertAtStart(edits: Edit[], block: SyntaxNode, text: string): void {
  edits.push({ start: block.start + 1, end: block.start + 1, rank: 0, text });
}

function guardTry(node: SyntaxNode, edits: Edit[], name: string): void {
  wrap(edits, node, `{ const ${name} = __context.save(); `, " }");
  const handler = node["handler"];
  if (isNode(handler) && isNode(handler["body"]))
    insertAtStart(edits, handler["body"], ` __context.enter(${name});`);
  const { finalizer } = node as { finalizer?: unknown };
  if (isNode(finalizer)) insertAtStart(edits, finalizer, ` __context.enter(${name});`);
}
