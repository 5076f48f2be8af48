import { bindHost } from "../bridge.ts";

const limit = bindHost("memory.limit");

/** The sandbox's bound stands for what is not counted inside it. */
export function memoryUsage(): Record<
  "rss" | "heapTotal" | "heapUsed" | "external" | "arrayBuffers",
  number
> {
  const total = limit() as number;
  return { rss: total, heapTotal: total, heapUsed: total >> 1, external: 0, arrayBuffers: 0 };
}
