import { DOMException } from "./dom-exception.ts";
import { defineInterface } from "./idl.ts";

interface QuotaOptions {
  quota?: unknown;
  requested?: unknown;
}

/** A double that is not negative, or null where it is not given. */
function amountOf(value: unknown, what: string): number | null {
  if (value === undefined) return null;
  const amount = Number(value);
  if (!Number.isFinite(amount))
    throw new TypeError(`Cannot make a QuotaExceededError: ${what} is not a finite number`);
  if (amount < 0) throw new RangeError(`Cannot make a QuotaExceededError: ${what} is negative`);
  return amount;
}

/** Its legacy code is that of DOMException's QuotaExceededError. */
export class QuotaExceededError extends DOMException {
  #quota: number | null;
  #requested: number | null;
  constructor(message: unknown = "", options: QuotaOptions | null = {}) {
    super(message, "QuotaExceededError");
    const { quota, requested } = options ?? {};
    this.#quota = amountOf(quota, "quota");
    this.#requested = amountOf(requested, "requested");
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeError("Cannot make a QuotaExceededError: requested is less than quota");
    }
  }
  get quota(): number | null {
    return this.#quota;
  }
  get requested(): number | null {
    return this.#requested;
  }
}

defineInterface(QuotaExceededError, "QuotaExceededError", 0);
