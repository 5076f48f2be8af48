/** Values between the guest and wasm. What no HostValue can carry goes as text or as a number for it. */
import type { HostValue } from "../host-function.ts";

/** Stands for a guest value inside wasm; the guest keeps the value under the number. */
export class GuestReference {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

/** How functions get their numbers. */
export interface FunctionNumbers {
  functionOf(id: number): unknown;
  numberOf(callable: unknown): number;
  referenceOf(id: number): GuestReference;
  /** Objects of wasm's own, which the guest knows by number. */
  objectOf(id: number): unknown;
  numberOfObject(object: object): number;
}

/** A reference of any kind: the letter says which. Numbers stand for themselves. */
function toReference(numbers: FunctionNumbers, value: HostValue): unknown {
  if (typeof value !== "string") return value ?? null;
  const id = Number(value.slice(1));
  if (value.startsWith("e")) return numbers.referenceOf(id);
  if (value.startsWith("f")) return numbers.functionOf(id);
  return value.startsWith("g") ? numbers.objectOf(id) : Number(value);
}

function fromReference(numbers: FunctionNumbers, value: unknown): HostValue {
  if (value === null || typeof value === "number") return value;
  if (value instanceof GuestReference) return `e${value.id}`;
  if (typeof value === "function") return `f${numbers.numberOf(value)}`;
  if (typeof value === "object") return `g${numbers.numberOfObject(value)}`;
  throw new TypeError(`A ${typeof value} cannot leave wasm`);
}

export function toWasm(numbers: FunctionNumbers, type: string, value: HostValue): unknown {
  switch (type) {
    case "i64":
      return BigInt(String(value));
    case "externref":
      return typeof value === "number" ? numbers.referenceOf(value) : null;
    case "funcref":
      return typeof value === "number" ? numbers.functionOf(value) : null;
    case "ref":
      return toReference(numbers, value);
    case "i32":
    case "f32":
    case "f64":
      return Number(value);
    default:
      throw new TypeError(`Values of type ${type} cannot cross between script and wasm`);
  }
}

export function fromWasm(numbers: FunctionNumbers, type: string, value: unknown): HostValue {
  switch (type) {
    case "i64":
      return String(value);
    case "externref":
      return value instanceof GuestReference ? value.id : null;
    case "funcref":
      return value === null ? null : numbers.numberOf(value);
    case "ref":
      return fromReference(numbers, value);
    case "i32":
    case "f32":
    case "f64":
      return value as number;
    default:
      throw new TypeError(`Values of type ${type} cannot cross between script and wasm`);
  }
}

/** JSON cannot hold every number: those go as text. */
export const packList = (values: readonly HostValue[]): string =>
  JSON.stringify(
    values.map((value) =>
      typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
        ? value === 0
          ? "-0"
          : String(value)
        : value,
    ),
  );

export const unpackList = (json: HostValue): HostValue[] => JSON.parse(String(json)) as HostValue[];
