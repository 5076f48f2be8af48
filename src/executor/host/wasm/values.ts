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
}

export function toWasm(numbers: FunctionNumbers, type: string, value: HostValue): unknown {
  switch (type) {
    case "i64":
      return BigInt(String(value));
    case "externref":
      return typeof value === "number" ? numbers.referenceOf(value) : null;
    case "funcref":
      return typeof value === "number" ? numbers.functionOf(value) : null;
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
