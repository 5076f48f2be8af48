/** Classes of the flag `v` (nested, `--`, `&&`, `\q{}`, properties of strings), in terms of the flag `u`. */
import { classChar, type Reader } from "./reader.ts";

/** What a class matches: single characters by items of a class or by expressions, and longer strings. */
interface CharSet {
  items: string;
  expressions: string[];
  strings: string[];
  /** Expressions for properties of strings. */
  sequences: string[];
}

const TAIL = "(?:\\p{Emoji_Modifier}|\\ufe0f\\u20e3?|[\\u{e0020}-\\u{e007e}]+\\u{e007f})?";
const FLAG = "\\p{Regional_Indicator}{2}";
const KEYCAP = "[0-9#*]\\ufe0f\\u20e3";
const BASIC = "(?:\\p{Emoji_Presentation}|\\p{Emoji}\\ufe0f)";
const MODIFIED = "\\p{Emoji_Modifier_Base}\\p{Emoji_Modifier}";
const TAGGED = "\\u{1f3f4}[\\u{e0020}-\\u{e007e}]+\\u{e007f}";
const JOINED = `\\p{Emoji}${TAIL}(?:\\u200d\\p{Emoji}${TAIL})+`;
/** By their grammar, not by the list of those that are recommended. */
const SEQUENCES: Readonly<Record<string, string>> = {
  Basic_Emoji: BASIC,
  Emoji_Keycap_Sequence: KEYCAP,
  RGI_Modifier_Sequence: MODIFIED,
  RGI_Flag_Sequence: FLAG,
  RGI_Emoji_Modifier_Sequence: MODIFIED,
  RGI_Emoji_Flag_Sequence: FLAG,
  RGI_Emoji_Tag_Sequence: TAGGED,
  RGI_Emoji_ZWJ_Sequence: JOINED,
  RGI_Emoji: `(?:${JOINED}|${TAGGED}|${FLAG}|${KEYCAP}|${MODIFIED}|${BASIC})`,
};

export const sequenceOf = (escape: string): string | undefined =>
  SEQUENCES[/^\\p\{(\w+)\}$/.exec(escape)?.[1] ?? ""];

/** Reads a class from behind its `[` to its `]`. */
export function lowerClassSet(reader: Reader): string {
  return textOf(readClass(reader));
}

const emptySet = (): CharSet => ({ items: "", expressions: [], strings: [], sequences: [] });

function readClass(reader: Reader): CharSet {
  const negated = reader.takes("^");
  let set = emptySet();
  while (!reader.takes("]")) {
    if (reader.takes("--")) set = subtract(set, readOperand(reader));
    else if (reader.takes("&&")) set = intersect(set, readOperand(reader));
    else set = join(set, readOperand(reader));
  }
  if (!negated) return set;
  const { items, expressions } = set;
  return expressions.length === 0
    ? { ...emptySet(), expressions: [`[^${items}]`] }
    : { ...emptySet(), expressions: [`(?!${singleOf(set)})[^]`] };
}

function readOperand(reader: Reader): CharSet {
  if (reader.takes("[")) return readClass(reader);
  if (reader.takes("\\q{")) return readStrings(reader);
  const atom = reader.atom();
  if (atom.kind === "set") return setOf(atom.text);
  const { code } = atom;
  if (!reader.sees("-") || reader.sees("--")) return { ...emptySet(), items: classChar(code) };
  reader.takes("-");
  const last = reader.atom();
  const end = last.kind === "char" ? classChar(last.code) : last.text;
  return { ...emptySet(), items: `${classChar(code)}-${end}` };
}

function setOf(escape: string): CharSet {
  const sequence = sequenceOf(escape);
  if (sequence !== undefined) return { ...emptySet(), sequences: [sequence] };
  return { ...emptySet(), items: escape === "\\b" ? "\\u0008" : escape };
}

function readStrings(reader: Reader): CharSet {
  const set = emptySet();
  let codes: number[] = [];
  const finish = (): void => {
    const [only = 0] = codes;
    if (codes.length === 1) set.items += classChar(only);
    else set.strings.push(codes.map(classChar).join(""));
    codes = [];
  };
  for (;;) {
    if (reader.takes("}")) break;
    if (reader.takes("|")) finish();
    else {
      const atom = reader.atom();
      if (atom.kind === "char") codes.push(atom.code);
    }
  }
  finish();
  return set;
}

function join(a: CharSet, b: CharSet): CharSet {
  return {
    items: a.items + b.items,
    expressions: [...a.expressions, ...b.expressions],
    strings: [...new Set([...a.strings, ...b.strings])],
    sequences: [...a.sequences, ...b.sequences],
  };
}

function subtract(a: CharSet, b: CharSet): CharSet {
  const not = hasSingles(b) ? `(?!${singleOf(b)})` : "";
  const notStrings = b.strings.length === 0 ? "" : `(?!${b.strings.join("|")})`;
  return {
    items: "",
    expressions: hasSingles(a) ? [`${not}${singleOf(a)}`] : [],
    strings: a.strings.filter((text) => !b.strings.includes(text)),
    sequences: a.sequences
      .filter((text) => !b.sequences.includes(text))
      .map((text) => `${notStrings}${text}`),
  };
}

function intersect(a: CharSet, b: CharSet): CharSet {
  const both = hasSingles(a) && hasSingles(b);
  return {
    items: "",
    expressions: both ? [`(?=${singleOf(b)})${singleOf(a)}`] : [],
    strings: a.strings.filter((text) => b.strings.includes(text)),
    sequences: a.sequences.filter((text) => b.sequences.includes(text)),
  };
}

const hasSingles = (set: CharSet): boolean => set.items !== "" || set.expressions.length > 0;

/** An expression for the single characters; `[]` matches none. */
function singleOf({ items, expressions }: CharSet): string {
  if (expressions.length === 0) return `[${items}]`;
  const all = items === "" ? expressions : [`[${items}]`, ...expressions];
  return all.length === 1 && /^\[[^\]]*\]$/.test(all[0] ?? "")
    ? (all[0] ?? "")
    : `(?:${all.join("|")})`;
}

function textOf(set: CharSet): string {
  const { strings, sequences } = set;
  if (strings.length === 0 && sequences.length === 0) return singleOf(set);
  const long = strings.filter((text) => text !== "").toSorted((a, b) => b.length - a.length);
  const singles = hasSingles(set) ? [singleOf(set)] : [];
  const empty = strings.includes("") ? [""] : [];
  return `(?:${[...sequences, ...long, ...singles, ...empty].join("|")})`;
}
