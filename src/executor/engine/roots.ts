/** Values that the host holds in a booted machine. */

/** Where the long-lived values of a booted machine lie; part of an image. */
export interface MachineRoots {
  runtime: number;
  context: number;
  /** The object that guest parts see as `__picloud`. */
  kernel: number;
  /** `enter(kind, ...args)` of the guest kernel. */
  entry: number;
  /** `request(requestId, method, url, headers, bodyKind, body, paramsJson)` of the guest kernel. */
  request: number;
  /** Turns an ArrayBuffer into a Uint8Array. */
  wrapBytes: number;
  /** `raise(name, message, code)` gives the error object to throw. */
  raise: number;
  /** Builds a string from UTF-16 units that no C string can carry. */
  fromUnits: number;
  /** Makes a rope store its characters in one piece. */
  flatten: number;
  /** Names that a built-in module exports, one a line. */
  moduleNames: number;
  /** Takes note of a rejected promise: (promise, reason, handled). */
  rejection: number;
  /** Room for `ARGUMENTS_MAX` argument pointers, then as many values. */
  scratch: number;
}

export const NO_ROOTS: MachineRoots = {
  runtime: 0,
  context: 0,
  kernel: 0,
  entry: 0,
  request: 0,
  wrapBytes: 0,
  raise: 0,
  fromUnits: 0,
  flatten: 0,
  moduleNames: 0,
  rejection: 0,
  scratch: 0,
};

export const ARGUMENTS_MAX = 16;
export const SCRATCH_BYTES = ARGUMENTS_MAX * 12 + 16;
