/** process.env over the environment that Deno.env shows, too. */
import { usePart } from "../registry.ts";
import type { EnvironmentPart } from "../environment/part.ts";

/** process.env: as the object, but every value becomes text. */
export function processEnvironment(): Record<string, string> {
  return new Proxy(usePart<EnvironmentPart>("environment").environment(), {
    set(target, name, value: unknown) {
      if (typeof name === "symbol" || typeof value === "symbol")
        throw new TypeError("Cannot convert a Symbol value to a string");
      target[name] = String(value);
      return true;
    },
    defineProperty(target, name, descriptor) {
      target[String(name)] = String(descriptor.value);
      return true;
    },
  });
}
