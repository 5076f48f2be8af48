/** A component's pattern string as a list of parts. */
import { type Token, tokenize, type TokenType } from "./tokenize.ts";

export type PartType = "fixed" | "regexp" | "segment" | "full";
export type Modifier = "" | "?" | "*" | "+";

export interface Part {
  type: PartType;
  /** Text of a fixed part, source of a regexp one. */
  value: string;
  modifier: Modifier;
  name: string;
  prefix: string;
  suffix: string;
}

export interface PatternOptions {
  delimiter: string;
  prefix: string;
  ignoreCase: boolean;
}

/** Canonical form of fixed text in a component; throws a TypeError where it cannot stand there. */
export type Encode = (text: string) => string;

const ESCAPED = /[.+*?^${}()[\]|/\\]/g;
export const escapeRegexp = (text: string): string => text.replace(ESCAPED, "\\$&");
export const segmentSource = (options: PatternOptions): string =>
  `[^${escapeRegexp(options.delimiter)}]+?`;

class Parser {
  readonly parts: Part[] = [];
  readonly #input: string;
  readonly #tokens: Token[];
  readonly #options: PatternOptions;
  readonly #encode: Encode;
  readonly #segment: string;
  #at = 0;
  #nextName = 0;
  /** Fixed text not yet made a part. */
  #pending = "";

  constructor(input: string, options: PatternOptions, encode: Encode) {
    this.#input = input;
    this.#tokens = tokenize(Array.from(input), false);
    this.#options = options;
    this.#encode = encode;
    this.#segment = segmentSource(options);
  }

  run(): Part[] {
    while (this.#at < this.#tokens.length) {
      const char = this.#take("char");
      const name = this.#take("name");
      const wildcard = this.#takeWildcard(name);
      if (name !== null || wildcard !== null) this.#addMatcher(char, name, wildcard);
      else if (!this.#addText(char) && !this.#addGroup()) {
        this.#flush();
        this.#need("end");
      }
    }
    return this.parts;
  }

  #take(type: TokenType): Token | null {
    const token = this.#tokens[this.#at];
    if (token?.type !== type) return null;
    this.#at++;
    return token;
  }

  #takeWildcard(name: Token | null): Token | null {
    return this.#take("regexp") ?? (name === null ? this.#take("asterisk") : null);
  }

  #takeModifier(): Modifier {
    return ((this.#take("modifier") ?? this.#take("asterisk"))?.value ?? "") as Modifier;
  }

  #need(type: TokenType): void {
    if (this.#take(type) !== null) return;
    throw new TypeError(
      `Invalid pattern '${this.#input}': '${this.#tokens[this.#at]?.value ?? ""}' cannot stand there`,
    );
  }

  #addMatcher(char: Token | null, name: Token | null, wildcard: Token | null): void {
    let prefix = char?.value ?? "";
    if (prefix !== "" && prefix !== this.#options.prefix) {
      this.#pending += prefix;
      prefix = "";
    }
    this.#flush();
    this.#addPart(prefix, name, wildcard, "", this.#takeModifier());
  }

  #addText(char: Token | null): boolean {
    const token = char ?? this.#take("escaped");
    if (token === null) return false;
    this.#pending += token.value;
    return true;
  }

  #addGroup(): boolean {
    if (this.#take("open") === null) return false;
    const prefix = this.#takeText();
    const name = this.#take("name");
    const wildcard = this.#takeWildcard(name);
    const suffix = this.#takeText();
    this.#need("close");
    this.#addPart(prefix, name, wildcard, suffix, this.#takeModifier());
    return true;
  }

  #takeText(): string {
    let text = "";
    for (;;) {
      const token = this.#take("char") ?? this.#take("escaped");
      if (token === null) return text;
      text += token.value;
    }
  }

  #flush(): void {
    if (this.#pending === "") return;
    const value = this.#encode(this.#pending);
    this.#pending = "";
    this.parts.push({ type: "fixed", value, modifier: "", name: "", prefix: "", suffix: "" });
  }

  #addPart(
    prefix: string,
    name: Token | null,
    wildcard: Token | null,
    suffix: string,
    modifier: Modifier,
  ): void {
    if (name === null && wildcard === null && modifier === "") {
      this.#pending += prefix;
      return;
    }
    this.#flush();
    if (name === null && wildcard === null) {
      if (prefix === "") return;
      this.parts.push({
        type: "fixed",
        value: this.#encode(prefix),
        modifier,
        name: "",
        prefix: "",
        suffix: "",
      });
      return;
    }
    const source =
      wildcard === null ? this.#segment : wildcard.type === "asterisk" ? ".*" : wildcard.value;
    const type: PartType =
      source === this.#segment ? "segment" : source === ".*" ? "full" : "regexp";
    const label = name === null ? `${this.#nextName++}` : name.value;
    if (this.parts.some((part) => part.name === label)) {
      throw new TypeError(`Invalid pattern '${this.#input}': the name '${label}' occurs twice`);
    }
    const value = type === "regexp" ? source : "";
    this.parts.push({
      type,
      value,
      modifier,
      name: label,
      prefix: this.#encode(prefix),
      suffix: this.#encode(suffix),
    });
  }
}

export const parsePattern = (input: string, options: PatternOptions, encode: Encode): Part[] =>
  new Parser(input, options, encode).run();
