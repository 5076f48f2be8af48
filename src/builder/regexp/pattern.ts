/**
 * Regular expressions that QuickJS reads wrongly or not at all, in terms of what it knows: the flag `v`, modifiers
 * (`(?i:)`), groups of the same name, and properties outside of a class when case is ignored.
 */
import { caseVariants, variantsOfRange } from "./case-variants.ts";
import { lowerClassSet, sequenceOf } from "./class-set.ts";
import { classChar, Reader } from "./reader.ts";

export interface Lowered {
  source: string;
  flags: string;
  /** By the author's name of a group, those of its parts; empty where no name occurs twice. */
  names: Record<string, string[]>;
}

interface Modes {
  i: boolean;
  m: boolean;
  s: boolean;
}

const MODIFIERS = /\(\?([ims]*)(?:-([ims]*))?:/y;
const NAME = /\(\?<([^=!>][^>]*)>/y;
const NEWLINES = "\\n\\r\\u2028\\u2029";
const ANCHORS = {
  "^": { one: "(?<![^])", lines: `(?<![^${NEWLINES}])` },
  $: { one: "(?![^])", lines: `(?![^${NEWLINES}])` },
} as const;

/** The very same source and flags where nothing has to change. */
export function lowerPattern(source: string, flags: string): Lowered {
  return new Lowering(source, flags).run();
}

class Lowering {
  readonly #reader: Reader;
  readonly #flags: string;
  readonly #sets: boolean;
  /** Some part ignores case and some does not: letters are spelled out in both cases. */
  readonly #spelled: boolean;
  readonly #outer: Modes;
  readonly #stack: Modes[] = [];
  readonly #seen = new Map<string, string[]>();
  #modes: Modes;
  #text = "";

  constructor(source: string, flags: string) {
    this.#flags = flags;
    this.#sets = flags.includes("v");
    this.#reader = new Reader(source, this.#sets || flags.includes("u"));
    this.#spelled = /\(\?(?:[ms]*i[ims]*(?:-[ms]*)?|[ms]*-[ms]*i[ms]*):/.test(source);
    this.#outer = { i: flags.includes("i"), m: flags.includes("m"), s: flags.includes("s") };
    this.#modes = this.#outer;
  }

  run(): Lowered {
    while (!this.#reader.done) this.#text += this.#next();
    const names = [...this.#seen].filter(([, parts]) => parts.length > 1);
    const flags = this.#flags.replace("v", "u");
    return {
      source: this.#backReferences(this.#text),
      flags: this.#spelled ? flags.replace("i", "") : flags,
      names: Object.fromEntries(names),
    };
  }

  #next(): string {
    const reader = this.#reader;
    if (reader.sees("(")) return this.#open();
    if (reader.takes(")")) {
      this.#modes = this.#stack.pop() ?? this.#outer;
      return ")";
    }
    if (reader.takes("[")) return this.#sets ? lowerClassSet(reader) : this.#class();
    const { m, s } = this.#modes;
    for (const anchor of ["^", "$"] as const)
      if (reader.takes(anchor))
        return m === this.#outer.m ? anchor : ANCHORS[anchor][m ? "lines" : "one"];
    if (reader.takes(".")) return s === this.#outer.s ? "." : s ? "[^]" : `[^${NEWLINES}]`;
    return this.#atom();
  }

  #open(): string {
    const reader = this.#reader;
    this.#stack.push(this.#modes);
    const modifiers = reader.match(MODIFIERS);
    if (modifiers !== null) {
      const [, on = "", off = ""] = modifiers;
      const set = (mode: keyof Modes): boolean =>
        on.includes(mode) || (this.#modes[mode] && !off.includes(mode));
      this.#modes = { i: set("i"), m: set("m"), s: set("s") };
      return "(?:";
    }
    const name = reader.match(NAME)?.[1];
    if (name === undefined) {
      // Kinds of groups that hold a mode or a name were taken above.
      return reader.match(/\((?:\?<?[=!:])?/y)?.[0] ?? "";
    }
    const parts = this.#seen.get(name) ?? [];
    const part = parts.length === 0 ? name : `${name}$${parts.length + 1}`;
    this.#seen.set(name, [...parts, part]);
    return `(?<${part}>`;
  }

  #atom(): string {
    const atom = this.#reader.atom();
    if (atom.kind === "set") {
      if (!/^\\[pP]/.test(atom.text)) return atom.text;
      const sequence = this.#sets ? sequenceOf(atom.text) : undefined;
      return sequence ?? (this.#modes.i ? this.#property(atom.text) : atom.text);
    }
    if (!this.#spelled || !this.#modes.i) return atom.text;
    const others = caseVariants(String.fromCodePoint(atom.code));
    return others.length === 0
      ? atom.text
      : `[${[atom.code, ...others.map((char) => char.codePointAt(0) ?? 0)].map(classChar).join("")}]`;
  }

  /** QuickJS looks at both cases inside of a class only; under `v` those that a complement leaves out go together. */
  #property(escape: string): string {
    return this.#sets && escape.startsWith("\\P")
      ? `(?:(?![\\p${escape.slice(2)}])[^])`
      : `[${escape}]`;
  }

  /** A class without the flag `v`, to its `]`. */
  #class(): string {
    const reader = this.#reader;
    let text = reader.takes("^") ? "[^" : "[";
    let more = "";
    while (!reader.takes("]")) {
      const first = reader.atom();
      text += first.text;
      if (first.kind === "set") continue;
      let last = first.code;
      if (reader.sees("-") && !reader.sees("-]")) {
        reader.takes("-");
        const end = reader.atom();
        text += `-${end.text}`;
        if (end.kind === "set") continue;
        last = end.code;
      }
      for (const char of variantsOfRange(first.code, last))
        more += classChar(char.codePointAt(0) ?? 0);
    }
    return `${text}${this.#spelled && this.#modes.i ? more : ""}]`;
  }

  /** Of groups with one name at most one has matched, and a reference to one that has not matches nothing. */
  #backReferences(text: string): string {
    const twice = [...this.#seen.values()].some((parts) => parts.length > 1);
    if (!twice) return text;
    return text.replaceAll(/\\(?:k<([^>]*)>|[^])/g, (whole, name: string | undefined) => {
      const parts = name === undefined ? undefined : this.#seen.get(name);
      if (parts === undefined || parts.length < 2) return whole;
      return `(?:${parts.map((part) => `\\k<${part}>`).join("")})`;
    });
  }
}
