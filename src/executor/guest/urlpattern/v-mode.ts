/**
 * Rewrites the character classes of a `v` expression for the flag `u`: the engine here takes the flag
 * but not its nested classes, differences and intersections.
 */

/** One character of a class, as an expression of its own. */
interface Reader {
  source: string;
  at: number;
}

const ESCAPE =
  /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|q\{[^}]*\}|[^])/;

function operand(reader: Reader): string {
  const rest = reader.source.slice(reader.at);
  if (rest[0] === "[") return characterClass(reader);
  const text =
    rest[0] === "\\"
      ? (ESCAPE.exec(rest)?.[0] ?? "\\")
      : String.fromCodePoint(rest.codePointAt(0) as number);
  reader.at += text.length;
  if (text.startsWith("\\q{")) return `(?:${text.slice(3, -1)})`;
  return text;
}

const asClass = (text: string): string =>
  text.startsWith("(") || text.startsWith("[") ? text : `[${text}]`;

/** Reads a class from its bracket on; throws a SyntaxError where it does not end. */
function characterClass(reader: Reader): string {
  reader.at++;
  const negated = reader.source[reader.at] === "^";
  if (negated) reader.at++;
  let plain = "";
  const others: string[] = [];
  while (reader.source[reader.at] !== "]") {
    if (reader.at >= reader.source.length) throw new SyntaxError("A character class does not end");
    const first = operand(reader);
    const operator = reader.source.slice(reader.at, reader.at + 2);
    if (operator === "--" || operator === "&&")
      return setOperation(reader, first, operator, negated);
    if (reader.source[reader.at] === "-" && reader.source[reader.at + 1] !== "]") {
      reader.at++;
      plain += `${first}-${operand(reader)}`;
    } else if (first.startsWith("[") || first.startsWith("(")) {
      others.push(first);
    } else {
      plain += first;
    }
  }
  reader.at++;
  if (others.length === 0) return `[${negated ? "^" : ""}${plain}]`;
  const all = plain === "" ? others : [`[${plain}]`, ...others];
  return negated ? `(?:(?!${all.join("|")})[^])` : `(?:${all.join("|")})`;
}

function setOperation(reader: Reader, first: string, operator: string, negated: boolean): string {
  let text = asClass(first);
  while (reader.source.startsWith(operator, reader.at)) {
    reader.at += 2;
    text = `(?:(?${operator === "--" ? "!" : "="}${asClass(operand(reader))})${text})`;
  }
  if (reader.source[reader.at] !== "]") throw new SyntaxError("A character class mixes operators");
  reader.at++;
  return negated ? `(?:(?!${text})[^])` : text;
}

export function toUnicodeMode(source: string): string {
  if (!source.includes("[")) return source;
  const reader: Reader = { source, at: 0 };
  let text = "";
  while (reader.at < source.length) {
    if (source[reader.at] === "\\") {
      text += source.slice(reader.at, reader.at + 2);
      reader.at += 2;
    } else if (source[reader.at] === "[") {
      text += characterClass(reader);
    } else {
      text += source[reader.at++];
    }
  }
  return text;
}
