/** What the wasm asks of its host: clocks, memory growth and the four callbacks of the interface layer. */

export interface MachineCallbacks {
  memory: WebAssembly.Memory;
  /** Something outside the wasm wrote into the memory. */
  wrote(address: number, length: number): void;
  /** The size up to which the linear memory may grow. */
  bytesMax(): number;
  /** The memory cannot grow to what is asked for. */
  memoryFull(): void;
  /** The linear memory grew: views are to be renewed. */
  grown(): void;
  /** A guest function was called; returns a pointer to a heap value that the engine frees, or 0 for undefined. */
  callFunction(argc: number, argv: number, functionId: number): number;
  shouldInterrupt(): number;
  /** Called in native loops every so often; throws to end the guest. */
  checkFuel(): void;
  /** A promise was rejected without a handler, or a handler came later. */
  rejection(promise: bigint, reason: bigint, handled: boolean): void;
  /** Heap string with the module's source, or 0 for "no such module". */
  loadModule(name: string): number;
  normalizeModule(base: string, name: string): number;
  readCString(pointer: number): string;
}

/** The wasm gave up: the machine is not to be used again. */
export class EngineAbort extends Error {
  constructor(message: string) {
    super(message);
    this.name = "EngineAbort";
  }
}

/** The guest used up its time inside a native loop: the machine is not to be used again. */
export class GuestInterrupted extends Error {
  constructor() {
    super("The guest was interrupted");
    this.name = "GuestInterrupted";
  }
}

const PAGE = 65_536;
const EAGAIN_NOTHING = 0;
const BAD_DESCRIPTOR = 8;
const UNSEEKABLE = 70;

/** Grows by a quarter at least, as each growth renews all views. */
function growTo(callbacks: MachineCallbacks, size: number): number {
  const { memory } = callbacks;
  const wanted = size >>> 0;
  const have = memory.buffer.byteLength;
  const limit = callbacks.bytesMax();
  if (wanted > limit) {
    callbacks.memoryFull();
    return 0;
  }
  const target = Math.min(Math.max(wanted, have + (have >> 2)), limit);
  const missing = Math.ceil((target - have) / PAGE);
  if (missing <= 0) return 1;
  try {
    memory.grow(missing);
  } catch {
    return 0;
  }
  callbacks.grown();
  return 1;
}

/** The sandbox lives in UTC: scripts that want another zone use Intl. */
function writeUtc({ memory, wrote }: MachineCallbacks, seconds: bigint, target: number): void {
  const date = new Date(Number(seconds) * 1000);
  const view = new Int32Array(memory.buffer, target, 10);
  const yearStart = Date.UTC(date.getUTCFullYear(), 0, 1);
  view[0] = date.getUTCSeconds();
  view[1] = date.getUTCMinutes();
  view[2] = date.getUTCHours();
  view[3] = date.getUTCDate();
  view[4] = date.getUTCMonth();
  view[5] = date.getUTCFullYear() - 1900;
  view[6] = date.getUTCDay();
  view[7] = Math.floor((date.getTime() - yearStart) / 86_400_000);
  view[8] = 0;
  view[9] = 0;
  wrote(target, 40);
}

function writeClock({ memory, wrote }: MachineCallbacks, clock: number, target: number): number {
  const nanoseconds = clock === 0 ? BigInt(Date.now()) * 1_000_000n : BigInt(Bun.nanoseconds());
  new DataView(memory.buffer).setBigInt64(target, nanoseconds, true);
  wrote(target, 8);
  return 0;
}

/** The import object under the names of the pinned build. */
export function engineImports(callbacks: MachineCallbacks): WebAssembly.Imports {
  const { memory, readCString } = callbacks;
  const setWord = (address: number, value: number): void => {
    new Uint32Array(memory.buffer)[address >> 2] = value;
    callbacks.wrote(address, 4);
  };
  return {
    a: {
      a: memory,
      b: (condition: number) => {
        throw new EngineAbort(`Engine assertion failed: ${readCString(condition)}`);
      },
      c: (_descriptor: number, _vectors: number, _count: number, written: number) => {
        setWord(written, 0);
        return BAD_DESCRIPTOR;
      },
      d: () => BAD_DESCRIPTOR,
      e: () => EAGAIN_NOTHING,
      f: (count: number, size: number) => {
        setWord(count, 0);
        setWord(size, 0);
        return 0;
      },
      g: (_runtime: number, _context: number, base: number, name: number) =>
        callbacks.normalizeModule(readCString(base), readCString(name)),
      h: (_runtime: number, _context: number, name: number) =>
        callbacks.loadModule(readCString(name)),
      i: () => callbacks.shouldInterrupt(),
      j: () => 0,
      k: (size: number) => growTo(callbacks, size),
      l: () => undefined,
      m: (seconds: bigint, target: number) => writeUtc(callbacks, seconds, target),
      n: (timezone: number, daylight: number) => {
        setWord(timezone, 0);
        setWord(daylight, 0);
      },
      o: () => UNSEEKABLE,
      p: () => Date.now(),
      q: (clock: number, _precision: bigint, target: number) =>
        writeClock(callbacks, clock, target),
      r: () => {
        throw new EngineAbort("Engine aborted");
      },
      s: (code: number) => {
        throw new EngineAbort(`Engine exited with code ${code}`);
      },
      t: (_context: number, _this: number, argc: number, argv: number, functionId: number) =>
        callbacks.callFunction(argc, argv, functionId),
      u: () => undefined,
      fuel: () => callbacks.checkFuel(),
      rejection: (_context: number, promise: bigint, reason: bigint, handled: number) =>
        callbacks.rejection(promise, reason, handled !== 0),
    },
  };
}
