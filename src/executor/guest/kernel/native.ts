/** What the engine hands to the kernel, and what it takes back. Seen by the kernel only. */
import type { HostValue } from "../bridge.ts";

export interface Native {
  /** Number of an operation; unknown names get one that fails when called. */
  op(name: string): number;
  call(op: number, ...args: HostValue[]): HostValue;
  start(op: number, pendingId: number, ...args: HostValue[]): void;
  turn(requestId: number): void;
  load(name: string): void;
  /** The module was evaluated: null, or its error as JSON. */
  evaluated(error: string | null): void;
  peek: (value: unknown, what: number) => unknown;
  kernel: object;
  entry: unknown;
  request: unknown;
  wrapBytes: unknown;
  raise: unknown;
  fromUnits: unknown;
  flatten: unknown;
  moduleNames: unknown;
  rejection: unknown;
}

declare const __native: Native;
export const native: Native = __native;
