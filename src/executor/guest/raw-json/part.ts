/**
 * JSON.rawJSON. Once this part is loaded, as it is ahead of a script that names the method, JSON.stringify looks for
 * what it made; in all other scripts it is QuickJS's own.
 */
import { definePart } from "../registry.ts";

const stringify = JSON.stringify.bind(JSON) as (
  value: unknown,
  replacer: unknown,
  space: unknown,
) => string | undefined;
const parse = JSON.parse;
const made = new WeakSet<object>();

type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/** A list of members, as a function. */
function replacerOf(replacer: unknown): Replacer {
  if (typeof replacer === "function") return replacer as Replacer;
  if (!Array.isArray(replacer)) return (_key, value) => value;
  const names = new Set(replacer.map(String));
  return function (key, value) {
    return key === "" || Array.isArray(this) || names.has(key) ? value : undefined;
  };
}

function install(): void {
  const holder = {
    stringify(value: unknown, replacer?: unknown, space?: unknown): string | undefined {
      const texts: string[] = [];
      const mark = `\ue000${Math.random()}:`;
      const replace = replacerOf(replacer);
      const text = stringify(
        value,
        function (this: unknown, key: string, before: unknown): unknown {
          const after = replace.call(this, key, before);
          if (typeof after !== "object" || after === null || !made.has(after)) return after;
          texts.push((after as { rawJSON: string }).rawJSON);
          return `${mark}${texts.length - 1}:`;
        },
        space,
      );
      if (texts.length === 0 || text === undefined) return text;
      return text
        .split(`"${mark}`)
        .map((part, i) =>
          i === 0 ? part : part.replace(/^(\d+):"/, (_, at: string) => texts[Number(at)] ?? ""),
        )
        .join("");
    },
  };
  Object.defineProperty(JSON, "stringify", {
    value: holder.stringify,
    writable: true,
    configurable: true,
  });
}

const jsonMethods = {
  rawJSON(text: unknown): object {
    const json = `${text as string}`;
    if (json === "" || /^[\t\n\r ]|[\t\n\r ]$/.test(json))
      throw new SyntaxError(
        "JSON.rawJSON needs the text of one JSON value, without space around it",
      );
    const value: unknown = parse(json);
    if (typeof value === "object" && value !== null)
      throw new SyntaxError("JSON.rawJSON takes no object and no array");
    const raw = Object.freeze(Object.assign(Object.create(null), { rawJSON: json }) as object);
    made.add(raw);
    return raw;
  },
  isRawJSON: (value: unknown): boolean =>
    typeof value === "object" && value !== null && made.has(value),
};

install();
export type RawJson = typeof jsonMethods;
definePart("raw-json", jsonMethods);
