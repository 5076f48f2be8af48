/** What other parts see of part `node-events`. */
import type { Emitter, EmitterConstructor } from "./emitter.ts";

export type { Emitter };
export interface NodeEventsPart {
  EventEmitter: EmitterConstructor;
}
