import { usePart } from "../../registry.ts";
import type { NodeEventsPart } from "../../node-events/contract.ts";

export const { EventEmitter } = usePart<NodeEventsPart>("node-events");
