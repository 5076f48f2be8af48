import type { HeaderList } from "../shared/execution.ts";
import type { HeaderReader } from "../shared/http.ts";

/** Header fields of a request: a flat list, searched as it is, since few are asked for. */
export class RequestHeaders implements HeaderReader {
  /** Names, in lower case, and values by turns. */
  readonly #flat: string[];

  constructor(raw: string[]) {
    for (let i = 0; i < raw.length; i += 2) {
      raw[i] = (raw[i] ?? "").toLowerCase();
      raw[i + 1] = trimmed(raw[i + 1] ?? "");
    }
    this.#flat = raw;
  }

  get(name: string): string | null {
    const flat = this.#flat;
    let found: string | null = null;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== name) continue;
      const value = flat[i + 1] ?? "";
      found = found === null ? value : found + separator(name) + value;
    }
    return found;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  /** Each name once, in the order of its first field. */
  [Symbol.iterator](): Iterator<[string, string]> {
    const flat = this.#flat;
    const list: HeaderList = [];
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] ?? "";
      const value = flat[i + 1] ?? "";
      const earlier = list.find((field) => field[0] === name);
      if (earlier === undefined) list.push([name, value]);
      else earlier[1] += separator(name) + value;
    }
    return list[Symbol.iterator]();
  }
}

/** RFC 6265, 5.4 for cookies; commas for all else. */
const separator = (name: string): string => (name === "cookie" ? "; " : ", ");

/** llhttp takes the white space before a value off, and leaves that behind it. */
const trimmed = (value: string): string => {
  const last = value.charCodeAt(value.length - 1);
  return last === 0x20 || last === 0x09 ? value.replace(/[ \t]+$/, "") : value;
};
