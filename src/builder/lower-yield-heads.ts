/**
 * QuickJS miscompiles `for (x of yield y)`. Works on the bundler's printed output, where a `for` head
 * is always spelled `for (` or `for await (`: the value is taken in the head of an outer loop that
 * runs once, so that labels and unlabelled `break` and `continue` keep their meaning.
 */
const HEAD = /((?:[\p{ID_Start}$_][\p{ID_Continue}$]*:\s*)*)\bfor (await )?\(/gu;

export function lowerYieldHeads(code: string): string {
  if (!/\bof\b[^;{}]*\byield\b/.test(code)) return code;
  let result = "";
  let done = 0;
  let count = 0;
  for (const match of code.matchAll(HEAD)) {
    const open = match.index + match[0].length;
    if (match.index < done) continue;
    const head = splitHead(code, open);
    if (head === null || !/\byield\b/.test(head.iterable)) continue;
    const name = `__yielded${count++}`;
    const label = match[1] ?? "";
    const inner = `${label}for ${match[2] ?? ""}(${head.binding} of ${name}.pop())`;
    result += `${code.slice(done, match.index)}for (let ${name} = [${head.iterable}]; ${name}.length; ) ${inner}`;
    done = head.end;
  }
  return result + code.slice(done);
}

/** The two sides of a for-of head that begins at `start`, and where its parenthesis closes. */
function splitHead(
  code: string,
  start: number,
): { binding: string; iterable: string; end: number } | null {
  let depth = 0;
  let of = -1;
  for (let at = start; at < code.length; at++) {
    const char = code[at] ?? "";
    if (char === '"' || char === "'" || char === "`") at = skipString(code, at);
    else if (char === ";" && depth === 0) return null;
    else if (char === "(" || char === "[" || char === "{") depth++;
    else if (char === ")" && depth === 0)
      return of < 0
        ? null
        : { binding: code.slice(start, of), iterable: code.slice(of + 4, at), end: at + 1 };
    else if (char === ")" || char === "]" || char === "}") depth--;
    else if (of < 0 && depth === 0 && char === " " && code.startsWith(" of ", at)) of = at;
  }
  return null;
}

function skipString(code: string, start: number): number {
  const quote = code[start];
  for (let at = start + 1; at < code.length; at++) {
    if (code[at] === "\\") at++;
    else if (code[at] === quote) return at;
  }
  return code.length;
}
