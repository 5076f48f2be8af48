/**
 * QuickJS has no hook that tells which context an `await` resumes in, so a bundle that uses AsyncLocalStorage
 * carries it itself: each await saves the context and puts it back, and so do catch, finally and `for await`,
 * which an await may enter by rejecting.
 */
import { parse } from "acorn";

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}
interface Edit {
  at: number;
  /** Edits at one place are applied by rank: what closes an inner node comes before what opens an outer one. */
  rank: number;
  text: string;
}

const USES = /\bAsyncLocalStorage\b/;
const PRELUDE = `const __context = globalThis[Symbol.for("picloud.module")]("picloud:context");`;

/** The code as it is where it does not use AsyncLocalStorage, or cannot be parsed. Line numbers stay. */
export function keepAsyncContext(code: string): string {
  if (!USES.test(code)) return code;
  let program: Node;
  try {
    program = parse(code, { ecmaVersion: "latest", sourceType: "module" }) as unknown as Node;
  } catch {
    return code;
  }
  const edits: Edit[] = [];
  visit(program, null, edits, { count: 0 });
  edits.sort((a, b) => a.at - b.at || a.rank - b.rank);
  let result = PRELUDE;
  let done = 0;
  for (const { at, text } of edits) {
    result += code.slice(done, at) + text;
    done = at;
  }
  return result + code.slice(done);
}

function visit(node: Node, parent: Node | null, edits: Edit[], names: { count: number }): void {
  if (node.type === "AwaitExpression")
    wrap(edits, node, "__context.resume(__context.save(), ", ")");
  else if (node.type === "TryStatement") guardTry(node, edits, `__saved${names.count++}`);
  else if (node.type === "ForOfStatement" && node["await"] === true)
    guardLoop(node, parent, edits, `__saved${names.count++}`);
  for (const key of Object.keys(node)) {
    const value = node[key];
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) visit(child, node, edits, names);
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** Of nested nodes with one start, the outer text comes first; with one end, the inner. */
function wrap(edits: Edit[], node: Node, before: string, after: string): void {
  edits.push(
    { at: node.start, rank: 1e9 - node.end, text: before },
    { at: node.end, rank: -1e9 - node.start, text: after },
  );
}

function insertAtStart(edits: Edit[], block: Node, text: string): void {
  edits.push({ at: block.start + 1, rank: 0, text });
}

function guardTry(node: Node, edits: Edit[], name: string): void {
  wrap(edits, node, `{ const ${name} = __context.save(); `, " }");
  const handler = node["handler"];
  if (isNode(handler) && isNode(handler["body"]))
    insertAtStart(edits, handler["body"], ` __context.enter(${name});`);
  const { finalizer } = node as { finalizer?: unknown };
  if (isNode(finalizer)) insertAtStart(edits, finalizer, ` __context.enter(${name});`);
}

function guardLoop(node: Node, parent: Node | null, edits: Edit[], name: string): void {
  const { body } = node;
  if (!isNode(body)) return;
  // A label must stay on its loop, so the saved context goes outside of the label.
  const outer = parent?.type === "LabeledStatement" ? parent : node;
  wrap(edits, outer, `{ const ${name} = __context.save(); `, ` __context.enter(${name}); }`);
  wrap(edits, body, `{ __context.enter(${name}); `, " }");
}
