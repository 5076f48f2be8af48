import { CEILING_SETTINGS } from "./ceilings.ts";
import { SETTINGS } from "./settings.ts";
import type { Setting } from "./settings.ts";

/** What `picloud serve --help` says of the environment. */
export function configHelp(): string {
  const all: Setting<unknown>[] = [...Object.values(SETTINGS), ...CEILING_SETTINGS];
  const lines = all.map(
    ({ name, description, allowed, default: fallback }) =>
      `  ${name}${fallback === null ? "" : ` (${fallback})`}\n      ${description}\n      Allowed: ${allowed}`,
  );
  return `Environment:\n${lines.join("\n")}\n`;
}
