/** node:events and node:diagnostics_channel. */
import { defineModule, definePart } from "../registry.ts";
import { diagnosticsChannel } from "./diagnostics-channel.ts";
import {
  captureRejectionSymbol,
  type EmitterConstructor,
  errorMonitor,
  EventEmitter,
} from "./emitter.ts";
import * as helpers from "./helpers.ts";

export const nodeEvents = { EventEmitter };
export interface NodeEvents {
  EventEmitter: EmitterConstructor;
}

Object.assign(EventEmitter, helpers, {
  EventEmitter,
  errorMonitor,
  captureRejectionSymbol,
  usingDomains: false,
  listenerCount: (emitter: { listenerCount(name: string): number }, name: string) =>
    emitter.listenerCount(name),
  EventEmitterAsyncResource: EventEmitter,
});

definePart("node-events", nodeEvents);
defineModule("node:events", () => EventEmitter);
defineModule("node:diagnostics_channel", () => diagnosticsChannel);
