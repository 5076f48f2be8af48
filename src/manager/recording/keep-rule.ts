/** Which executions get a full record: every failure, every one with logs or a caller, and of the rest so many a second. */
import type { ExecutionLog } from "../../shared/execution.ts";

export class KeepRule {
  readonly #perSecond: number;
  #second = -1;
  #kept = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  keeps(log: ExecutionLog, nowMs: number): boolean {
    if (isNotable(log)) return true;
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#kept = 0;
    }
    if (this.#kept >= this.#perSecond) return false;
    this.#kept++;
    return true;
  }
}

function isNotable({ outcome, status, logs, principal }: ExecutionLog): boolean {
  return outcome !== "completed" || (status ?? 0) >= 500 || logs.length > 0 || principal !== null;
}
