import type { Config } from "./config.ts";
import { SETTINGS } from "./settings.ts";
import type { Setting } from "./settings.ts";

/** The configuration as it may be logged: secrets only as given or not. */
export function redactedConfig(config: Config): Record<string, unknown> {
  const settings: Record<string, Setting<unknown>> = SETTINGS;
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) =>
      settings[key]?.secret === true && value !== null ? [key, "[given]"] : [key, value],
    ),
  );
}
