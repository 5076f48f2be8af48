/** Replaces regular expression literals that QuickJS reads wrongly. Code for `eval` and strings for `RegExp` stay. */
import { applyEdits, childrenOf, type Edit, parseModule, type SyntaxNode } from "../syntax.ts";
import { lowerPattern } from "./pattern.ts";

const MODIFIERS = /\(\?(?:[ims]+(?:-[ims]*)?|-[ims]+):/;
const SETS = /[^\s/*]\/[dgimsy]*v[dgimsy]*(?![\w$/"'`*])/;
const PROPERTIES = /\\[pP]\{[^\n]*?\/[dgmsy]*(?:i[dgmsy]*u|u[dgmsy]*i)/;
const NAMES = /\(\?<([A-Za-z_$][\w$]*)>/g;
/** Two groups of one name in one literal are not further apart than this. */
const APART_MAX = 3000;

const HELPER = "__sameNames";
/** Gives the results of a literal the groups by the names that its author wrote. */
const HELPER_TEXT = `const ${HELPER} = (regexp, names) => {
  const { exec } = RegExp.prototype;
  const alias = new Map(Object.entries(names).flatMap(([name, parts]) => parts.map((part) => [part, name])));
  const renamed = (groups) => {
    const own = Object.create(null);
    for (const part of Object.keys(groups)) { const name = alias.get(part) ?? part; own[name] ??= groups[part]; }
    return own;
  };
  const again = function (source, flags) { return ${HELPER}(new RegExp(source, flags), names); };
  return Object.defineProperties(regexp, {
    constructor: { value: { [Symbol.species]: again }, configurable: true, writable: true },
    exec: { configurable: true, writable: true, value(text) {
      const found = Reflect.apply(exec, this, [text]);
      if (found?.groups) found.groups = renamed(found.groups);
      if (found?.indices?.groups) found.indices.groups = renamed(found.indices.groups);
      return found;
    } },
  });
}; `.replaceAll(/\n\s*/g, " ");

/** The code as it is where no literal has to change, or where it cannot be parsed. Line numbers stay. */
export function lowerRegExps(code: string): string {
  const program = isSuspect(code) ? parseModule(code) : null;
  if (program === null) return code;
  const edits: Edit[] = [];
  visit(program, edits);
  if (edits.length === 0) return code;
  const lowered = applyEdits(code, edits);
  return lowered.includes(`${HELPER}(`) ? HELPER_TEXT + lowered : lowered;
}

function isSuspect(code: string): boolean {
  return MODIFIERS.test(code) || SETS.test(code) || PROPERTIES.test(code) || hasNameTwice(code);
}

function hasNameTwice(code: string): boolean {
  const last = new Map<string, number>();
  for (const { 1: name = "", index } of code.matchAll(NAMES)) {
    if (index - (last.get(name) ?? -Infinity) < APART_MAX) return true;
    last.set(name, index);
  }
  return false;
}

function visit(node: SyntaxNode, edits: Edit[]): void {
  const { regex, start, end } = node;
  if (node.type !== "Literal" || typeof regex !== "object" || regex === null) {
    for (const child of childrenOf(node)) visit(child, edits);
    return;
  }
  const { pattern, flags } = regex as { pattern: string; flags: string };
  const text = literalOf(pattern, flags);
  if (text !== `/${pattern}/${flags}`) edits.push({ start, end, text, rank: 0 });
}

function literalOf(pattern: string, flags: string): string {
  const lowered = lowerPattern(pattern, flags);
  const literal = `/${lowered.source}/${lowered.flags}`;
  return Object.keys(lowered.names).length === 0
    ? literal
    : `${HELPER}(${literal}, ${JSON.stringify(lowered.names)})`;
}
