/** process.env over the environment that Deno.env shows, too. */
import { usePart } from "../registry.ts";
import type { EnvironmentPart } from "../environment/part.ts";

/** process.env: as the object, but every value becomes text. */
export function processEnvironment(): Record<string, string> {
  return new Proxy(usePart<EnvironmentPart>("environment").environment(), {
    // Bundled code reads "production" where it says process.env.NODE_ENV; what reads it in another way agrees.
    get: (target, name) =>
      name === "NODE_ENV"
        ? (target["NODE_ENV"] ?? "production")
        : (Reflect.get(target, name) as unknown),
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
