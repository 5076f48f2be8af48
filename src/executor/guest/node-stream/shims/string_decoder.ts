import { usePart } from "../../registry.ts";

export const { StringDecoder } = usePart<{ StringDecoder: unknown }>("node-buffer");
