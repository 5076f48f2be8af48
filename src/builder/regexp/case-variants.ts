/** Which other characters a regular expression takes for one that ignores case. */

const RANGE_MAX = 4096;

export function caseVariants(char: string): string[] {
  const isAscii = (text: string): boolean => (text.codePointAt(0) ?? 0) < 128;
  const isOne = (text: string): boolean => text === String.fromCodePoint(text.codePointAt(0) ?? 0);
  return [char.toLowerCase(), char.toUpperCase()].filter(
    (other) => other !== char && isOne(other) && isAscii(other) === isAscii(char),
  );
}

/** Of each character from `first` to `last`. Ranges that large have both cases in them already. */
export function variantsOfRange(first: number, last: number): string[] {
  if (last - first > RANGE_MAX) return [];
  const found = new Set<string>();
  for (let code = first; code <= last; code++)
    for (const variant of caseVariants(String.fromCodePoint(code))) found.add(variant);
  return [...found];
}
