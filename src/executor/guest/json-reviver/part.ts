/** JSON.parse with a reviver that asks for the text of each value, which QuickJS does not keep. */
import { definePart } from "../registry.ts";

type Reviver = (this: unknown, key: string, value: unknown, context: object) => unknown;

/** What the text said about a value: its source where it is no object, else what it holds. */
interface Told {
  value: unknown;
  source?: string;
  members?: Map<string, Told>;
}

const { parse } = JSON;
const { isArray } = Array;
const TOKEN = /"(?:[^"\\]|\\.)*"|[-\d][\d.eE+-]*|true|false|null|[[\]{},:]/g;

/** Walks the tokens of a text that is known to be JSON beside the value that it parses to. */
class Teller {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(TOKEN) ?? [];
  }

  told(value: unknown): Told {
    const token = this.#tokens[this.#at++] ?? "";
    if (token !== "[" && token !== "{") return { value: parse(token) as unknown, source: token };
    const members = new Map<string, Told>();
    for (let i = 0; !this.#ends(); i++) {
      const key = token === "[" ? `${i}` : this.#key();
      members.set(key, this.told((value as Record<string, unknown>)[key]));
    }
    return { value, members };
  }

  #ends(): boolean {
    const token = this.#tokens[this.#at];
    if (token === ",") this.#at += 1;
    else if (token === "]" || token === "}" || token === undefined) {
      this.#at += 1;
      return true;
    }
    return false;
  }

  #key(): string {
    const key = parse(this.#tokens[this.#at] ?? "") as string;
    this.#at += 2;
    return key;
  }
}

function internalize(
  holder: Record<string, unknown>,
  name: string,
  reviver: Reviver,
  told: Told | undefined,
): unknown {
  const value = holder[name];
  const known = told !== undefined && Object.is(told.value, value) ? told : undefined;
  if (typeof value === "object" && value !== null) {
    const object = value as Record<string, unknown>;
    const names = isArray(value)
      ? Array.from({ length: value.length }, (_, i) => `${i}`)
      : Object.keys(object);
    for (const key of names) {
      const next = internalize(object, key, reviver, known?.members?.get(key));
      if (next === undefined) Reflect.deleteProperty(object, key);
      else
        Reflect.defineProperty(object, key, {
          value: next,
          writable: true,
          enumerable: true,
          configurable: true,
        });
    }
  }
  const source = known?.source;
  return Reflect.apply(reviver, holder, [name, value, source === undefined ? {} : { source }]);
}

function revive(text: unknown, reviver: Reviver): unknown {
  const json = `${text as string}`;
  const value: unknown = parse(json);
  return internalize({ "": value }, "", reviver, new Teller(json).told(value));
}

const reviverPart = { revive };
export type ReviverPart = typeof reviverPart;
definePart("json-reviver", reviverPart);
