/** http.Agent: the platform keeps the connections, so that it only carries its options. */
import { callable } from "../node-events/callable.ts";
import type { Emitter, NodeEventsPart } from "../node-events/contract.ts";
import { usePart } from "../registry.ts";

export type AgentClass = new (options?: object) => Emitter;

export function makeAgent(): AgentClass {
  const { EventEmitter } = usePart<NodeEventsPart>("node-events");
  return callable(
    EventEmitter,
    (base) =>
      class Agent extends base {
        readonly options: object;
        maxSockets = Infinity;
        maxFreeSockets = 256;
        keepAlive: boolean;
        readonly requests = {};
        readonly sockets = {};
        readonly freeSockets = {};

        constructor(options: object & { keepAlive?: boolean } = {}) {
          super();
          this.options = options;
          this.keepAlive = options.keepAlive === true;
        }

        destroy(): void {}
      },
  );
}
