/** Characters, escapes and properties of a pattern, one after the other. The pattern is known to be valid. */

/** A character that stands for itself, or an escape that stands for many (`\d`, `\p{L}`). */
export type Atom = { kind: "char"; code: number; text: string } | { kind: "set"; text: string };

const CONTROL: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };
const HEX = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]+)\})/;
const PAIR = /^u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})/i;

export class Reader {
  readonly source: string;
  readonly unicode: boolean;
  at = 0;

  constructor(source: string, unicode: boolean) {
    this.source = source;
    this.unicode = unicode;
  }

  get done(): boolean {
    return this.at >= this.source.length;
  }

  sees(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** Steps over the text if it is next. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** The match of a sticky pattern here, stepped over; null where there is none. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  char(): string {
    const code = this.source.codePointAt(this.at) ?? 0;
    const char = this.unicode ? String.fromCodePoint(code) : (this.source[this.at] ?? "");
    this.at += char.length;
    return char;
  }

  /** What comes next, inside of a class or outside of one. `\b` and back references are left to the caller. */
  atom(): Atom {
    const from = this.at;
    const char = this.char();
    if (char !== "\\") return { kind: "char", code: char.codePointAt(0) ?? 0, text: char };
    const code = this.#escaped();
    const text = this.source.slice(from, this.at);
    return code === null ? { kind: "set", text } : { kind: "char", code, text };
  }

  #escaped(): number | null {
    const rest = this.source.slice(this.at, this.at + 12);
    const pair = this.unicode ? PAIR.exec(rest) : null;
    if (pair !== null) {
      this.at += pair[0].length;
      const [high = "", low = ""] = pair.slice(1);
      return (
        ((Number.parseInt(high, 16) & 1023) << 10) + (Number.parseInt(low, 16) & 1023) + 65_536
      );
    }
    const hex = HEX.exec(rest);
    if (hex !== null && (this.unicode || hex[3] === undefined)) {
      this.at += hex[0].length;
      return Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "", 16);
    }
    return this.#letter();
  }

  #letter(): number | null {
    if (this.unicode && this.match(/[pP]\{[^}]*\}/y) !== null) return null;
    const control = this.match(/c([A-Za-z])/y);
    if (control !== null) return (control[1] ?? "").charCodeAt(0) & 31;
    if (this.match(/[dDwWsSbB]|[1-9]\d*|k<[^>]*>/y) !== null) return null;
    const char = this.char();
    return CONTROL[char] ?? char.codePointAt(0) ?? 0;
  }
}

/** A character as it may stand in any class. */
export function classChar(code: number): string {
  const char = String.fromCodePoint(code);
  if (/^[A-Za-z0-9]$/.test(char)) return char;
  const hex = code.toString(16).padStart(4, "0");
  return code > 65_535 ? `\\u{${hex}}` : `\\u${hex}`;
}
