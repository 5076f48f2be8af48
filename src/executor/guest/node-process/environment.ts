/** The one environment that Deno.env and process.env share: the app's values, with what this request changed. */
import { bindHost } from "../bridge.ts";

const all = bindHost("env.all");
let values: Record<string, string> | undefined;

export const environment = (): Record<string, string> =>
  (values ??= Object.assign(Object.create(null), JSON.parse(all() as string)) as Record<
    string,
    string
  >);

/** process.env: as the object, but every value becomes text. */
export function processEnvironment(): Record<string, string> {
  return new Proxy(environment(), {
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
