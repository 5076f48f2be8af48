/**
 * QuickJS closes the iterator of a `for await` without waiting for it, and closes it also where it came to its end.
 * So the loop becomes a plain `for` inside try, catch and finally, around a record that keeps the iterator.
 */
import { ASYNC_LOOP } from "./async-loop.ts";
import {
  applyEdits,
  childrenOf,
  type Edit,
  isNode,
  parseModule,
  type SyntaxNode,
} from "./syntax.ts";

const SUSPECT = /\bfor\s+await\b/;

/** The code as it is where it has no such loop, or cannot be parsed. Line numbers stay. */
export function lowerForAwait(code: string): string {
  const program = SUSPECT.test(code) ? parseModule(code) : null;
  if (program === null) return code;
  const lowering = new Lowering(code);
  const lowered = lowering.textOf(program);
  return lowering.loops === 0 ? code : ASYNC_LOOP + lowered;
}

class Lowering {
  readonly #code: string;
  loops = 0;

  constructor(code: string) {
    this.#code = code;
  }

  textOf(node: SyntaxNode): string {
    const edits: Edit[] = [];
    this.#visit(node, node, edits);
    const { start, end } = node;
    // Edits count from the start of the whole text.
    const shifted = edits.map((edit) => ({
      ...edit,
      start: edit.start - start,
      end: edit.end - start,
    }));
    return applyEdits(this.#code.slice(start, end), shifted);
  }

  /** `outer` is the node itself, or the labels around it. */
  #visit(node: SyntaxNode, outer: SyntaxNode, edits: Edit[]): void {
    const { left, right, body } = node;
    const isLoop = node.type === "ForOfStatement" && node["await"] === true;
    if (isLoop && isNode(left) && isNode(right) && isNode(body)) {
      this.#lower(node, outer, { left, right, body }, edits);
      this.#visit(right, right, edits);
      this.#visit(body, body, edits);
      return;
    }
    for (const child of childrenOf(node))
      this.#visit(child, node.type === "LabeledStatement" ? outer : child, edits);
  }

  /** The right side stays in its place; the left side moves into the body. */
  #lower(
    node: SyntaxNode,
    outer: SyntaxNode,
    { left, right, body }: { left: SyntaxNode; right: SyntaxNode; body: SyntaxNode },
    edits: Edit[],
  ): void {
    const name = `__loop${this.loops++}`;
    const target = this.textOf(left);
    const bind =
      left.type === "VariableDeclaration"
        ? `${target} = ${name}.value;`
        : `(${target} = ${name}.value);`;
    const insert = (at: number, rank: number, text: string): void => {
      edits.push({ start: at, end: at, rank, text });
    };
    insert(outer.start, -outer.end, `{ const ${name} = new __AsyncLoop(); try { `);
    edits.push({ start: node.start, end: right.start, rank: 0, text: `for (${name}.open(` });
    const head = `); ${name}.step(await ${name}.next()); ) { ${bind} `;
    edits.push({ start: right.end, end: body.start, rank: -body.end, text: head });
    // Of loops that end together, the inner one is closed first.
    const ended = -1e9 - node.start;
    const rethrow = `catch (error) { try { if (${name}.end()) await ${name}.value; } catch {} throw error; }`;
    const close = `finally { if (${name}.end()) ${name}.check(await ${name}.value); }`;
    insert(node.end, ended, ` } } ${rethrow} ${close} }`);
  }
}
