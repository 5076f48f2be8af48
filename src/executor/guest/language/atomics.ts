/** Atomics where there is one thread: every access is atomic by itself, and nobody else could wake a waiting one. */
type Ints = Int32Array | BigInt64Array | Uint8Array;
type Value = number | bigint;

const INTEGERS = /^(Int8|Uint8|Int16|Uint16|Int32|Uint32|BigInt64|BigUint64)Array$/;
const nameOf = (value: unknown): string =>
  Object.prototype.toString.call(value).slice("[object ".length, -1);

interface Waiter {
  buffer: ArrayBufferLike;
  at: number;
  wake(): void;
}
const waiters: Waiter[] = [];

function arrayOf(array: unknown): Ints {
  if (!INTEGERS.test(nameOf(array)))
    throw new TypeError("Atomics works on integer typed arrays other than Uint8ClampedArray");
  return array as Ints;
}

function indexOf(array: Ints, index: unknown): number {
  const at = Math.trunc(Number(index)) || 0;
  if (at < 0 || at >= array.length) throw new RangeError("The index is out of the array's bounds");
  return at;
}

const valueOf = (array: Ints, value: unknown): Value =>
  nameOf(array).startsWith("Big") ? BigInt(value as bigint) : Math.trunc(Number(value)) || 0;

type Combine = (old: never, value: never) => Value;

/** Reads, writes what `combine` makes of it, and gives what was there. */
function operation(combine: Combine): (array: unknown, index: unknown, value: unknown) => Value {
  return (target, index, given) => {
    const array = arrayOf(target) as unknown as Record<number, Value>;
    const at = indexOf(array as unknown as Ints, index);
    const value = valueOf(array as unknown as Ints, given);
    const old = array[at] as Value;
    array[at] = combine(old as never, value as never);
    return old;
  };
}

function waitable(array: unknown): Int32Array {
  if (!/^(Int32|BigInt64)Array$/.test(nameOf(array)))
    throw new TypeError("Waiting needs an Int32Array or a BigInt64Array");
  return array as Int32Array;
}

export const Atomics = {
  add: operation((old: number, value: number) => old + value),
  and: operation((old: number, value: number) => old & value),
  exchange: operation((_old: number, value: number) => value),
  or: operation((old: number, value: number) => old | value),
  sub: operation((old: number, value: number) => old - value),
  xor: operation((old: number, value: number) => old ^ value),
  compareExchange(target: unknown, index: unknown, expected: unknown, replacement: unknown): Value {
    const array = arrayOf(target);
    const at = indexOf(array, index);
    // Through an array of the same kind, so that the expected value wraps as a stored one does.
    const Same = array.constructor as new (values: Value[]) => Ints;
    const [wanted] = new Same([valueOf(array, expected)]);
    const value = valueOf(array, replacement);
    const old = array[at] as Value;
    if (old === wanted) (array as unknown as Record<number, Value>)[at] = value;
    return old;
  },
  isLockFree: (size: unknown): boolean => [1, 2, 4, 8].includes(Number(size)),
  load(target: unknown, index: unknown): Value {
    const array = arrayOf(target);
    return array[indexOf(array, index)] as Value;
  },
  store(target: unknown, index: unknown, given: unknown): Value {
    const array = arrayOf(target);
    const at = indexOf(array, index);
    const value = valueOf(array, given);
    (array as unknown as Record<number, Value>)[at] = value;
    return value;
  },
  notify(target: unknown, index: unknown, count: unknown = Infinity): number {
    const array = waitable(target);
    const at = array.byteOffset + indexOf(array, index) * array.BYTES_PER_ELEMENT;
    let woken = 0;
    for (const waiter of waiters.filter((each) => each.buffer === array.buffer && each.at === at)) {
      if (woken >= Number(count)) break;
      woken += 1;
      waiter.wake();
    }
    return woken;
  },
  pause: (): void => undefined,
  wait(target: unknown, index: unknown, value: unknown): string {
    const array = waitable(target);
    if (array[indexOf(array, index)] !== valueOf(array, value)) return "not-equal";
    throw new TypeError("Atomics.wait cannot be called: a sandbox has one thread, use waitAsync");
  },
  waitAsync(target: unknown, index: unknown, value: unknown, timeout: unknown = Infinity): object {
    const array = waitable(target);
    const at = indexOf(array, index);
    if (array[at] !== valueOf(array, value)) return { async: false, value: "not-equal" };
    const ms = Math.max(0, Number.isNaN(Number(timeout)) ? Infinity : Number(timeout));
    if (ms === 0) return { async: false, value: "timed-out" };
    const { promise, resolve } = Promise.withResolvers<string>();
    const end = (how: string): void => {
      waiters.splice(waiters.indexOf(waiter), 1);
      clearTimeout(timer);
      resolve(how);
    };
    const waiter: Waiter = {
      buffer: array.buffer,
      at: array.byteOffset + at * array.BYTES_PER_ELEMENT,
      wake: () => end("ok"),
    };
    waiters.push(waiter);
    const timer = ms === Infinity ? 0 : setTimeout(() => end("timed-out"), ms);
    return { async: true, value: promise };
  },
};
Object.defineProperty(Atomics, Symbol.toStringTag, { value: "Atomics", configurable: true });
for (const [name, value] of Object.entries(Atomics))
  Object.defineProperty(Atomics, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });

declare function setTimeout(run: () => void, ms: number): number;
declare function clearTimeout(id: number): void;
