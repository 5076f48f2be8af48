/** Accessors for what the language has and QuickJS lacks: the first read brings in the part that has it. */
import type { Language } from "../language/part.ts";
import type { ReviverPart } from "../json-reviver/part.ts";
import type { RawJson } from "../raw-json/part.ts";
import type { TemporalPart } from "../temporal/part.ts";
import { usePart } from "../registry.ts";

const { apply } = Reflect;

type Members = Record<string, unknown>;

const bytes = (): Language => usePart<Language>("language");

const LACKING: readonly (readonly [target: object, names: string, members: () => object])[] = [
  [Uint8Array.prototype, "toBase64 toHex setFromBase64 setFromHex", () => bytes().byteMethods],
  [Uint8Array, "fromBase64 fromHex", () => bytes().byteStatics],
  [JSON, "rawJSON isRawJSON", () => usePart<RawJson>("raw-json")],
  [Date.prototype, "toTemporalInstant", () => usePart<TemporalPart>("temporal").dateMethods],
];

/** Replaced at its first read: QuickJS drops the target as soon as nothing else holds it. */
export const NativeWeakRef = WeakRef;

function lazyMember(target: object, name: string, members: () => object): void {
  const settle = (value: unknown): unknown => {
    Object.defineProperty(target, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
    return value;
  };
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: false,
    get: () => settle((members() as Members)[name]),
    set: settle,
  });
}

/** `using` on an iterator returns it. */
function addDisposal(prototype: object, symbol: symbol): void {
  if (symbol in prototype) return;
  const value = function (this: { return?: () => unknown }): unknown {
    const closed = this.return?.();
    return symbol === Symbol.asyncDispose
      ? Promise.resolve(closed).then(() => undefined)
      : undefined;
  };
  Object.defineProperty(prototype, symbol, { value, writable: true, configurable: true });
}

/** True for the error of an engine that called a `return` which is not there: no code of a script threw it. */
function isMissingReturn(error: unknown): boolean {
  if (!(error instanceof TypeError) || error.message !== "not a function") return false;
  const frame = /\n\s+at (.*)/.exec(`${error.stack}`);
  return frame === null || frame[1] === "return (native)";
}

/** QuickJS calls the `return` of what an iterator helper reads also where there is none. */
function mendReturn(prototype: object): void {
  const { value: native } = Object.getOwnPropertyDescriptor(prototype, "return") ?? {};
  const mended = {
    return(this: unknown): unknown {
      try {
        return apply(native as () => unknown, this, []);
      } catch (error) {
        if (!isMissingReturn(error)) throw error;
        return { value: undefined, done: true };
      }
    },
  };
  const value = mended.return;
  Object.defineProperty(prototype, "return", { value, writable: true, configurable: true });
}

type Reviver = (this: unknown, key: string, value: unknown, context: object) => unknown;

const { parse } = JSON;
const toText = Function.prototype.toString;

/** A reviver that looks at no more than key and value is left to the engine, which is faster. */
const takesContext = (reviver: Reviver): boolean =>
  reviver.length > 2 || /\bsource\b|\barguments\b|\.\.\./.test(apply(toText, reviver, []));

const json = {
  parse(text: string, reviver?: unknown): unknown {
    return typeof reviver === "function" && takesContext(reviver as Reviver)
      ? usePart<ReviverPart>("json-reviver").revive(text, reviver as Reviver)
      : parse(text, reviver as never);
  },
};

export function installLanguage(): void {
  Object.defineProperty(JSON, "parse", { value: json.parse, writable: true, configurable: true });
  for (const [target, names, members] of LACKING)
    for (const name of names.split(" ")) if (!(name in target)) lazyMember(target, name, members);
  lazyMember(globalThis, "WeakRef", bytes);
  const plain: object = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
  mendReturn(Object.getPrototypeOf([].values().map(Boolean)) as object);
  const { concat } = Iterator as unknown as { concat(): object };
  mendReturn(Object.getPrototypeOf(concat()) as object);
  const generated = (async function* () {})();
  const generator: object = Object.getPrototypeOf(generated);
  addDisposal(plain, Symbol.dispose);
  addDisposal(
    Object.getPrototypeOf(Object.getPrototypeOf(generator)) as object,
    Symbol.asyncDispose,
  );
}
