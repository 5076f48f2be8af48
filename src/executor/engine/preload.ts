/** Which parts a source will need, so that they are compiled once into its image and not per request. */
import { LAZY_GLOBALS, LAZY_MEMBERS, LAZY_MODULES } from "../guest/parts.ts";

const PART_OF_GLOBAL = new Map(
  [...Object.entries(LAZY_GLOBALS), ...Object.entries(LAZY_MEMBERS)].flatMap(([part, names]) =>
    names.map((name) => [name, part]),
  ),
);
const PART_OF_MODULE = Object.entries(LAZY_MODULES).flatMap(([part, names]) =>
  names.map((name) => [name, part] as const),
);

const WORD = /[A-Za-z_$][\w$]*/g;

/** Sorted names of the parts whose globals the code names; a false hit costs only room. */
export function partsNamedBy(code: string): string[] {
  const found = new Set<string>();
  for (const [word] of code.matchAll(WORD)) {
    const part = PART_OF_GLOBAL.get(word);
    if (part !== undefined) found.add(part);
  }
  for (const [specifier, part] of PART_OF_MODULE) {
    if (code.includes(`"${specifier}"`) || code.includes(`'${specifier}'`)) found.add(part);
  }
  return [...found].sort();
}
