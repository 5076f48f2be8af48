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

export const hostOperations: Readonly<Record<string, HostFunction>> = Object.freeze(
  Object.assign({}, ...AREAS),
);
