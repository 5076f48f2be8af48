import type { BuildResult } from "../../src/shared/builder.ts";

export type Built = Extract<BuildResult, { ok: true }>;
export type Refused = Extract<BuildResult, { ok: false }>;

export function expectBuilt(result: BuildResult): Built {
  if (!result.ok)
    throw new Error(`${result.file}:${result.line}:${result.column} ${result.message}`);
  return result;
}

export function expectRefused(result: BuildResult): Refused {
  if (result.ok) throw new Error(`The build should have been refused but gave ${result.code}`);
  return result;
}
