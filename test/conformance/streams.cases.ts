/** The Streams, Encoding and Compression standards: shapes, refusals, and what schedules do not reach. */
import type { CaseTable } from "./outcomes.ts";
import { byteCases } from "./streams/bytes.ts";
import { codecCases } from "./streams/codecs.ts";
import { pipeCases } from "./streams/pipes.ts";
import { readableCases } from "./streams/readable.ts";
import { shapeCases } from "./streams/shapes.ts";
import { writableCases } from "./streams/writable.ts";

export const cases: CaseTable = {
  ...shapeCases,
  ...readableCases,
  ...byteCases,
  ...writableCases,
  ...pipeCases,
  ...codecCases,
};
