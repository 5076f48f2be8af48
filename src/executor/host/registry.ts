/** All host operations in one table. Each area adds its import and its entry here. */
import { cryptoOperations } from "./crypto/operations.ts";
import { compressionOperations } from "./compression.ts";
import { encodingOperations } from "./encoding.ts";
import { fileOperations } from "./files.ts";
import { performanceOperations } from "./performance.ts";
import { urlOperations } from "./urls.ts";
import { requestOperations } from "./request.ts";
import { nodeOperations } from "./node/operations.ts";
import { intlOperations } from "./intl/operations.ts";
import { wasmOperations } from "./wasm/operations.ts";
import { fetchOperations } from "./fetch.ts";
import { socketOperations } from "./sockets.ts";
import type { HostFunction, HostOperations } from "./host-function.ts";

const AREAS: readonly HostOperations[] = [
  intlOperations,
  requestOperations,
  cryptoOperations,
  compressionOperations,
  encodingOperations,
  fileOperations,
  urlOperations,
  performanceOperations,
  fetchOperations,
  socketOperations,
  nodeOperations,
  wasmOperations,
];

/** Two areas with one name would be told apart by whoever came last. */
function merge(areas: readonly HostOperations[]): Readonly<Record<string, HostFunction>> {
  const all: Record<string, HostFunction> = {};
  for (const [name, operation] of areas.flatMap((area) => Object.entries(area))) {
    if (all[name] !== undefined) throw new Error(`Two host operations are called "${name}"`);
    all[name] = operation;
  }
  return Object.freeze(all);
}

export const hostOperations = merge(AREAS);
