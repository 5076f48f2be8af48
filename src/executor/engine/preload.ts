/** Which parts a source will need, so that they are compiled once into its image and not per request. */
import {
  DENO_MEMBERS,
  LAZY_GLOBALS,
  LAZY_MEMBERS,
  LAZY_MODULES,
  PART_NEEDS,
} from "../guest/parts.ts";

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
  if (found.has("deno")) for (const part of denoParts(code)) found.add(part);
  for (const part of found) for (const needed of PART_NEEDS[part] ?? []) found.add(needed);
  return [...found].sort();
}

const DENO_MEMBER = /\bDeno\s*(?:\?\.|\.)\s*(\w+)/g;
const WHOLE_DENO = /=\s*Deno\s*[;,)\n]|[(,]\s*Deno\s*[,)]|\bDeno\s*\[/;

/** Parts behind members of Deno: by `Deno.name`, or most of them where the object itself is handed on. */
function denoParts(code: string): string[] {
  const names = Array.from(code.matchAll(DENO_MEMBER), ([, name]) => name ?? "").filter(
    (name) => name !== "serve",
  );
  if (names.length === 0 && !WHOLE_DENO.test(code)) return [];
  const parts = Object.entries(DENO_MEMBERS).filter(([, members]) =>
    names.some((name) => members.includes(name)),
  );
  return ["deno-system", ...parts.map(([part]) => part)];
}
