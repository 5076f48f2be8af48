/** The script's environment: its app's values, never those of the platform's process. */
import type { HostOperations } from "../host-function.ts";

export const systemOperations: HostOperations = {
  "env.get": (context, name) => {
    const { env } = context.script;
    return Object.hasOwn(env, String(name)) ? env[String(name)] : undefined;
  },
  /** All of it, as a JSON object. */
  "env.all": (context) => JSON.stringify(context.script.env),
  /** Bytes the sandbox may use at most. */
  "memory.limit": (context) => context.script.limits.memory_mb * 1024 * 1024,
};
