import { requireArguments } from "../events/idl.ts";
import { definePart } from "../registry.ts";
import { BroadcastChannel } from "./broadcast-channel.ts";
import { isPort, MessageChannel, MessagePort } from "./message-port.ts";
import { readTransferOption, structuredCloneOf } from "./transfer.ts";

const { structuredClone } = {
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, "structuredClone");
    const transfer = readTransferOption(options, "The options of structuredClone", false);
    return structuredCloneOf(value, transfer).value;
  },
};
Object.defineProperty(structuredClone, "length", { value: 1, configurable: true });

export const messaging = {
  MessageChannel,
  MessagePort,
  BroadcastChannel,
  structuredClone,
  // For other parts.
  isPort,
};

export type Messaging = typeof messaging;

definePart("messaging", messaging);
