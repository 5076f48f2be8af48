/**
 * Looks through JSON text for what `JSON.parse` lets pass: nesting that would exhaust the stack
 * later, a key written twice (two readers may take different ones), and `__proto__`. Everything
 * else is left to the parser.
 */
export type JsonFlaw = "too_deep" | "duplicate_key" | "prototype_key";

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;

/** Keys seen in each open object; null for an array. */
type Frame = Set<string> | null;

export function findJsonFlaw(text: string, depthMax: number): JsonFlaw | undefined {
  const frames: Frame[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      if (expectsKey) {
        const flaw = addKey(frames.at(-1) ?? null, text.slice(at, end + 1));
        if (flaw !== undefined) return flaw;
        expectsKey = false;
      }
      at = end;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (frames.length >= depthMax) return "too_deep";
      expectsKey = char === OPEN_BRACE;
      frames.push(expectsKey ? new Set() : null);
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      frames.pop();
      expectsKey = false;
    } else if (char === COMMA) expectsKey = frames.at(-1) instanceof Set;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text.charCodeAt(at - 1) === BACKSLASH) at--;
  return (quote - at) % 2 === 1;
}

function addKey(keys: Frame, literal: string): JsonFlaw | undefined {
  if (keys === null) return undefined;
  const key = literal.includes("\\") ? decoded(literal) : literal.slice(1, -1);
  if (key === "__proto__") return "prototype_key";
  if (keys.has(key)) return "duplicate_key";
  keys.add(key);
  return undefined;
}

function decoded(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    // No valid string: the parser refuses the whole text.
    return literal;
  }
}
