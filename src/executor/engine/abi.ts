/**
 * The binary interface of the pinned QuickJS build: export names, value tags and object layouts.
 * Everything here was read from version 0.32.0 of the wasm and is checked when the first machine boots.
 */
/** Readable name to the name the wasm exports it by. */
export const EXPORTS = {
  start: "v",
  malloc: "w",
  free: "N",
  throwValue: "x",
  setMemoryLimit: "z",
  setMaxStackSize: "E",
  getUndefined: "F",
  newRuntime: "L",
  newContext: "O",
  freeValue: "Q",
  freeCString: "T",
  duplicate: "U",
  newObject: "V",
  newArrayBuffer: "Y",
  newString: "$",
  getString: "aa",
  executePendingJob: "ha",
  getProp: "ia",
  setProp: "ka",
  call: "na",
  resolveException: "oa",
  evaluate: "qa",
  getGlobalObject: "va",
  newFunction: "Ea",
  enableInterruptHandler: "Ga",
  enableModuleLoader: "Ia",
} as const;

export type EngineExports = Record<keyof typeof EXPORTS, (...args: number[]) => number>;

/** High words of a 64-bit value; anything else is a number with its exponent shifted. */
export const TAG = {
  object: -1,
  int: 0,
  boolean: 1,
  null: 2,
  undefined: 3,
  exception: 6,
  ropeString: -6,
  string: -7,
} as const;

/** Added to the high word of a double to keep it apart from the tags. */
export const FLOAT_ADDEND = 0x7ff8000a;
export const NAN_HIGH = -10;

export const STRING_LAYOUT = {
  /** Length in the low 31 bits, two-byte characters in the top one. */
  length: 4,
  /** Bits 28-29: 0 characters follow, 1 a slice of another string. */
  flags: 8,
  characters: 28,
  sliceParent: 28,
  sliceOffset: 32,
} as const;

/** A rope that was linearized holds the whole string in its left branch and the empty one in its right. */
export const ROPE_LAYOUT = { left: 16, leftTag: 20 } as const;

export const OBJECT_LAYOUT = { classId: 6, own: 32, data: 36, count: 40 } as const;
export const CLASS_UINT8_ARRAY = 0x18;
export const CLASS_MAP_ITERATOR = 44;
export const CLASS_SET_ITERATOR = 45;
export const CLASS_PROXY = 50;
export const CLASS_PROMISE = 51;
/** In the data that the object points to. */
export const PROXY_LAYOUT = { target: 0, handler: 8, revoked: 17 } as const;
/** The record that was given last, 0 at the start; the collection is undefined at the end. */
export const ITERATOR_LAYOUT = { collection: 0, kind: 8, record: 12 } as const;
/** Records are a ring; links point to links, as does the head of the ring in the collection's data. */
export const RECORD_LAYOUT = { empty: 4, link: 12, head: 4, next: 4 } as const;
export const PROMISE_LAYOUT = { state: 0, result: 24 } as const;
/** Number of the native function that gives what only the engine knows, and what may be asked of it. */
export const PEEK_FUNCTION = 6;
export const PEEK = { kind: 0, result: 1, target: 2, handler: 3, left: 4 } as const;

export const RUNTIME_LAYOUT = { rejectionTracker: 180 } as const;
/** Index of the rejection tracker in the function table; scripts/build-engine.ts puts it there. */
export const REJECTION_TRACKER_INDEX = 492;

export const CONTEXT_LAYOUT = { randomState: 280 } as const;

/** Where the program break lies: nothing above it was ever written. */
export const BREAK_ADDRESS = 96_576;
/** The C stack lies between the static data and the heap. */
export const STATIC_END = 100_000;
export const STACK_HIGH = 5_342_832;

/** One byte for each block of memory that was written; scripts/build-engine.ts has stores keep it. */
export const DIRTY_TABLE = 1_048_576;
export const DIRTY_SHIFT = 8;

/** Size of a new machine's memory in pages of 64 KiB. */
export const PAGES_FIRST = 96;

export const EVAL = { global: 0, module: 1, compileOnly: 32, backtraceBarrier: 64 } as const;
