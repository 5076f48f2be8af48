/** ToWebAssemblyValue and ToJSValue, as far as the guest does them; see host/wasm/values.ts for the other half. */
import type { HostValue } from "../bridge.ts";
import { type Callable, exportedNumber, functionFor, functionNumber } from "./function-numbers.ts";
import { opaque, opaqueNumber, referenced, referenceTo } from "./references.ts";

/** A reference of any kind: the letter says which. Numbers stand for themselves. */
function toReference(value: unknown): HostValue {
  if (value === null || typeof value === "number") return value;
  const exported = typeof value === "function" ? exportedNumber(value as Callable) : undefined;
  if (exported !== undefined) return `f${exported}`;
  const object = opaqueNumber(value);
  return object === undefined ? `e${referenceTo(value)}` : `g${object}`;
}

function fromReference(value: HostValue): unknown {
  if (value === null || value === undefined) return null;
  const text = String(value);
  const id = Number(text.slice(1));
  if (text.startsWith("e")) return referenced(id);
  if (text.startsWith("f")) return functionFor(id);
  return text.startsWith("g") ? opaque(id) : Number(value);
}

export function toHost(type: string, value: unknown): HostValue {
  switch (type) {
    case "i32":
      return +(value as number) | 0;
    case "i64":
      return BigInt.asIntN(64, value as bigint).toString();
    case "f32":
      return Math.fround(+(value as number));
    case "f64":
      return +(value as number); // unlike Number(), it refuses BigInts
    case "externref":
      return referenceTo(value);
    case "funcref":
      return value === null ? null : functionNumber(value);
    case "ref":
      return toReference(value);
    default:
      throw new TypeError(`Values of type ${type} cannot cross between script and wasm`);
  }
}

export function toScript(type: string, value: HostValue): unknown {
  switch (type) {
    case "i64":
      return BigInt(value as string);
    case "externref":
      return value === null ? null : referenced(value as number);
    case "funcref":
      return value === null ? null : functionFor(value as number);
    case "ref":
      return fromReference(value);
    default:
      return Number(value);
  }
}

/** JSON cannot hold every number: those go as text. */
export const packList = (values: HostValue[]): string =>
  JSON.stringify(
    values.map((value) => {
      if (typeof value !== "number" || (Number.isFinite(value) && !Object.is(value, -0)))
        return value;
      return value === 0 ? "-0" : String(value);
    }),
  );

export const unpackList = (json: HostValue): HostValue[] =>
  JSON.parse(json as string) as HostValue[];
