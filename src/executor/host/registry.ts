/** All host operations in one table. Each area adds its import and its entry here. */
import { cryptoOperations } from "./crypto/operations.ts";
import { encodingOperations } from "./encoding.ts";
import type { HostFunction, HostOperations } from "./host-function.ts";

const AREAS: readonly HostOperations[] = [cryptoOperations, encodingOperations];

export const hostOperations: Readonly<Record<string, HostFunction>> = Object.freeze(
  Object.assign({}, ...AREAS),
);
