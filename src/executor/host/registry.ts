/** All host operations in one table. Each area adds its import and its entry here. */
import { cryptoOperations } from "./crypto/operations.ts";
import { encodingOperations } from "./encoding.ts";
import { performanceOperations } from "./performance.ts";
import { urlOperations } from "./urls.ts";
import type { HostFunction, HostOperations } from "./host-function.ts";

const AREAS: readonly HostOperations[] = [
  cryptoOperations,
  encodingOperations,
  urlOperations,
  performanceOperations,
];

export const hostOperations: Readonly<Record<string, HostFunction>> = Object.freeze(
  Object.assign({}, ...AREAS),
);
