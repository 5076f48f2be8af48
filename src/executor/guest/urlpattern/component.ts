/** A compiled component: its regular expression, the names of its groups, and its normal form. */
import {
  type Encode,
  escapeRegexp,
  type Part,
  parsePattern,
  type PatternOptions,
  segmentSource,
} from "./parse-pattern.ts";
import { isNamePart } from "./tokenize.ts";
import { toUnicodeMode } from "./v-mode.ts";

export interface Component {
  pattern: string;
  regexp: RegExp;
  names: string[];
  hasRegexpGroups: boolean;
}

const ESCAPED = /[+*?:{}()\\]/g;
const DIGIT = /^[0-9]/;
const { exec } = RegExp.prototype;

export const escapePattern = (text: string): string => text.replace(ESCAPED, "\\$&");

export function compileComponent(
  input: string,
  options: PatternOptions,
  encode: Encode,
): Component {
  const parts = parsePattern(input, options, encode);
  const names: string[] = [];
  let source = "^";
  for (const part of parts) {
    if (part.type !== "fixed") names.push(part.name);
    source += partSource(part, options);
  }
  let regexp: RegExp;
  try {
    regexp = new RegExp(`${toUnicodeMode(source)}$`, options.ignoreCase ? "ui" : "u");
  } catch (error) {
    throw new TypeError(`Invalid pattern '${input}': a group is no valid regular expression`, {
      cause: error,
    });
  }
  const hasRegexpGroups = parts.some((part) => part.type === "regexp");
  return { pattern: patternOf(parts, options), regexp, names, hasRegexpGroups };
}

function partSource(part: Part, options: PatternOptions): string {
  const { modifier, type } = part;
  if (type === "fixed")
    return modifier === ""
      ? escapeRegexp(part.value)
      : `(?:${escapeRegexp(part.value)})${modifier}`;
  const inner = type === "segment" ? segmentSource(options) : type === "full" ? ".*" : part.value;
  const once = modifier === "" || modifier === "?";
  if (part.prefix === "" && part.suffix === "")
    return once ? `(${inner})${modifier}` : `((?:${inner})${modifier})`;
  const prefix = escapeRegexp(part.prefix);
  const suffix = escapeRegexp(part.suffix);
  if (once) return `(?:${prefix}(${inner})${suffix})${modifier}`;
  const repeated = `(?:${prefix}((?:${inner})(?:${suffix}${prefix}(?:${inner}))*)${suffix})`;
  return modifier === "*" ? `${repeated}?` : repeated;
}

/** The pattern string that stands for the parts: equal patterns have equal ones. */
function patternOf(parts: readonly Part[], options: PatternOptions): string {
  let text = "";
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    if (part.type === "fixed") {
      const value = escapePattern(part.value);
      text += part.modifier === "" ? value : `{${value}}${part.modifier}`;
    } else {
      text += matcherText(part, parts[i - 1], parts[i + 1], options);
    }
  }
  return text;
}

function matcherText(
  part: Part,
  previous: Part | undefined,
  next: Part | undefined,
  options: PatternOptions,
): string {
  const named = !DIGIT.test(part.name);
  const grouped = needsGroup(part, previous, next, options, named);
  let text = grouped ? "{" : "";
  text += escapePattern(part.prefix);
  if (named) text += `:${part.name}`;
  if (part.type === "regexp") text += `(${part.value})`;
  else if (part.type === "segment" && !named) text += `(${segmentSource(options)})`;
  else if (part.type === "full") {
    const plain =
      !named &&
      (previous === undefined ||
        previous.type === "fixed" ||
        previous.modifier !== "" ||
        grouped ||
        part.prefix !== "");
    text += plain ? "*" : "(.*)";
  }
  const [first = ""] = part.suffix;
  if (part.type === "segment" && named && first !== "" && isNamePart(first, false)) text += "\\";
  text += escapePattern(part.suffix);
  if (grouped) text += "}";
  return text + part.modifier;
}

function needsGroup(
  part: Part,
  previous: Part | undefined,
  next: Part | undefined,
  options: PatternOptions,
  named: boolean,
): boolean {
  if (part.suffix !== "" || (part.prefix !== "" && part.prefix !== options.prefix)) return true;
  const bare = named && part.type === "segment" && part.modifier === "";
  if (bare && next !== undefined && next.prefix === "" && next.suffix === "") {
    const [first = ""] = next.value;
    if (next.type === "fixed" ? isNamePart(first, false) : DIGIT.test(next.name)) return true;
  }
  if (part.prefix !== "" || previous?.type !== "fixed" || options.prefix === "") return false;
  return previous.value.endsWith(options.prefix);
}

export type Groups = Record<string, string | undefined>;

/** The groups of a match, or null. */
export function matchComponent(component: Component, input: string): Groups | null {
  const match = exec.call(component.regexp, input);
  if (match === null) return null;
  const groups: Groups = {};
  for (let i = 0; i < component.names.length; i++) {
    const name = component.names[i] as string;
    Object.defineProperty(groups, name, {
      value: match[i + 1],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return groups;
}

export const testComponent = (component: Component, input: string): boolean =>
  exec.call(component.regexp, input) !== null;
