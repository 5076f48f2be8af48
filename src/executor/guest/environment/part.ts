/** The one environment that Deno.env and process.env share: the app's values, with what this request changed. */
import { bindHost } from "../bridge.ts";
import { definePart } from "../registry.ts";

const all = bindHost("env.all");
let values: Record<string, string> | undefined;

const environment = (): Record<string, string> =>
  (values ??= Object.assign(Object.create(null), JSON.parse(all() as string)) as Record<
    string,
    string
  >);

export interface EnvironmentPart {
  environment(): Record<string, string>;
}
definePart("environment", { environment });
