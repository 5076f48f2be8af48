/** What the platform's process and the builder process say to each other. */
import type { BuildInput, BuildResult } from "../shared/builder.ts";
import type { RegistryOptions } from "./packages/registry-client.ts";

export interface BuilderSettings {
  registry: RegistryOptions;
  /** Folder for package archives; null keeps none. */
  cacheFolder: string | null;
}

export type ToBuilder =
  | { kind: "settings"; settings: BuilderSettings }
  | { kind: "build"; id: number; input: BuildInput };
export type FromBuilder = { kind: "ready" } | { kind: "built"; id: number; result: BuildResult };
