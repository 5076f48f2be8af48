/** A header list is flat: name, value, name, value; names are lower-case. */

/** Index of a name in the list from `from` on, or -1. Values stand at odd places and are passed over. */
export function indexOfName(list: readonly string[], name: string, from = 0): number {
  let at = list.indexOf(name, from);
  while (at >= 0 && (at & 1) === 1) at = list.indexOf(name, at + 1);
  return at;
}

/** Takes a name out of the list from an index on, in one pass. */
export function removeFrom(list: string[], name: string, from: number): void {
  let kept = indexOfName(list, name, from);
  if (kept < 0) return;
  for (let at = kept; at < list.length; at += 2) {
    if (list[at] === name) continue;
    list[kept++] = list[at] as string;
    list[kept++] = list[at + 1] as string;
  }
  list.length = kept;
}

/** Values of a name joined by ", ", or null. */
export function combined(list: readonly string[], name: string): string | null {
  let at = indexOfName(list, name);
  if (at < 0) return null;
  let value = list[at + 1] as string;
  while ((at = indexOfName(list, name, at + 2)) >= 0) value += `, ${list[at + 1]}`;
  return value;
}

/** Sorted by name; several values of one name are combined, except for set-cookie. */
export function sortedAndCombined(list: readonly string[]): [string, string][] {
  const values = new Map<string, string>();
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    const before = values.get(name);
    values.set(name, before === undefined ? (list[i + 1] as string) : `${before}, ${list[i + 1]}`);
  }
  const names = Array.from(values.keys()).sort();
  const pairs: [string, string][] = [];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name !== "set-cookie") {
      pairs.push([name, values.get(name) as string]);
      continue;
    }
    for (let at = indexOfName(list, name); at >= 0; at = indexOfName(list, name, at + 2)) {
      pairs.push([name, list[at + 1] as string]);
    }
  }
  return pairs;
}

/** "name\nvalue\n..." to a list. */
export const parseFlat = (flat: string): string[] => (flat === "" ? [] : flat.split("\n"));
