/**
 * Which segments a path's parameters capture, and under which names. Apps have mostly the same few shapes,
 * so those are kept once for all: then they are in the processor's cache. Where that list ends an app has its own.
 */
import type { PathPattern } from "./path-pattern.ts";

export type ParamShape = readonly { name: string; index: number }[];

const SHARED_MAX = 4096;
const shared: ParamShape[] = [];
const sharedNumbers = new Map<string, number>();

export class ShapeList {
  /** Those that are not shared. */
  readonly own: ParamShape[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(pattern: PathPattern): number {
    const key = pattern.segments.map((part) => ("param" in part ? part.param : "")).join("/");
    const known = sharedNumbers.get(key) ?? this.#numbers.get(key);
    if (known !== undefined) return known;
    const shape = shapeOf(pattern);
    if (shared.length < SHARED_MAX) {
      sharedNumbers.set(key, shared.length);
      return shared.push(shape) - 1;
    }
    const number = SHARED_MAX + this.own.push(shape) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}

const shapeOf = ({ segments }: PathPattern): ParamShape =>
  segments.flatMap((part, index) => ("param" in part ? [{ name: part.param, index }] : []));

const NO_SHAPE: ParamShape = [];

export function readShape(number: number, own: readonly ParamShape[]): ParamShape {
  return (number < SHARED_MAX ? shared[number] : own[number - SHARED_MAX]) ?? NO_SHAPE;
}
