/** Random schedules over every kind of stream, compared callback by callback. */
import type { CaseTable } from "./outcomes.ts";
import { runSchedule } from "./streams/schedules.ts";

export const SCHEDULES = 400;

export const cases: CaseTable = Object.fromEntries(
  Array.from({ length: SCHEDULES }, (_, seed) => [`schedule ${seed}`, () => runSchedule(seed)]),
);
