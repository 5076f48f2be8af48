/** All host operations in one table. Each area adds its import and its entry here. */
import { encodingOperations } from "./encoding.ts";
import type { HostFunction, HostOperations } from "./host-function.ts";

const AREAS: readonly HostOperations[] = [encodingOperations];

export const hostOperations: Readonly<Record<string, HostFunction>> = Object.freeze(
  Object.assign({}, ...AREAS),
);
