import { usePart } from "../../registry.ts";
import type { NodeBuffer } from "../../node-buffer/part.ts";

export const { Buffer } = usePart<NodeBuffer>("node-buffer");
export const Blob: undefined = undefined;
