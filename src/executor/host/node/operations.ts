/** What the guest's `node:` modules ask of the host. */
import type { HostOperations } from "../host-function.ts";
import { bufferOperations } from "./buffer.ts";
import { nodeCryptoOperations } from "./crypto.ts";
import { scriptFileOperations } from "./script-files.ts";
import { zlibOperations } from "./zlib.ts";
import { makeSocketOperations } from "./sockets.ts";
import { systemOperations } from "./system.ts";

export const nodeOperations: HostOperations = {
  ...bufferOperations,
  ...systemOperations,
  ...scriptFileOperations,
  ...makeSocketOperations(),
  ...zlibOperations,
  ...nodeCryptoOperations,
};
