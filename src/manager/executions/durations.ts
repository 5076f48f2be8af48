/** A logarithmic scale for durations: enough for percentiles within some 12 %, in a few integers. */
const STEPS_PER_OCTAVE = 6;
const FIRST_MS = 0.05;
/** Up to an hour and beyond, which lands in the last step. */
export const DURATION_STEPS = 160;

export function stepOf(durationMs: number): number {
  if (durationMs <= FIRST_MS) return 0;
  return Math.min(
    DURATION_STEPS - 1,
    Math.ceil(Math.log2(durationMs / FIRST_MS) * STEPS_PER_OCTAVE),
  );
}

/** The middle of a step, in milliseconds. */
function durationOf(step: number): number {
  return step === 0 ? FIRST_MS : FIRST_MS * 2 ** ((step - 0.5) / STEPS_PER_OCTAVE);
}

/** @param quantile 0 to 1. @returns null without any execution */
export function quantileOf(steps: readonly number[], quantile: number): number | null {
  const total = steps.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(total * quantile));
  let seen = 0;
  for (const [step, count] of steps.entries()) {
    seen += count;
    if (seen >= rank) return Math.round(durationOf(step) * 1000) / 1000;
  }
  return null;
}

/** Without the zeros at the end, as it is stored. */
export function trimmed(steps: readonly number[]): number[] {
  return steps.slice(0, steps.findLastIndex((count) => count !== 0) + 1);
}

export function addSteps(into: number[], more: readonly number[]): void {
  for (const [step, count] of more.entries()) into[step] = (into[step] ?? 0) + count;
}
