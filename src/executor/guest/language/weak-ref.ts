/** WeakRef whose target outlives the job that made or read it, as the language has it; QuickJS counts references. */
import { usePart } from "../registry.ts";

const { NativeWeakRef: Native } = usePart<{ NativeWeakRef: typeof globalThis.WeakRef }>("core");
const kept = new Set<WeakKey>();
const forget = (): void => kept.clear();
// Scripts may replace what a promise's method is.
const { then } = Promise.prototype;
const settled = Promise.resolve();

function keep(target: WeakKey): void {
  if (kept.size === 0) void Reflect.apply(then, settled, [forget]);
  kept.add(target);
}

export class WeakRef<T extends WeakKey> extends Native<T> {
  constructor(target: T) {
    super(target);
    keep(target);
  }
  override deref(): T | undefined {
    const target = super.deref();
    if (target !== undefined) keep(target);
    return target;
  }
}
