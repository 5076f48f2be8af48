/** The builder as the rest of the platform sees it: a killable process, started on demand and kept warm for a while. */
import { totalmem } from "node:os";
import type { BuildInput, BuildResult, ScriptBuilder } from "../shared/builder.ts";
import { isCompiled, selfCommand } from "../shared/self-command.ts";
import { BuilderChild, type BuilderLimits } from "./builder-child.ts";
import type { BuilderSettings } from "./messages.ts";
import { DEFAULT_REGISTRY, type RegistryOptions } from "./packages/registry-client.ts";

export interface BuilderOptions {
  /** How to start the process; default: this executable's `builder` command, or the source file in development. */
  command?: readonly string[];
  registry?: Partial<RegistryOptions>;
  cacheFolder?: string | null;
  limits?: Partial<BuilderLimits>;
}

export interface Builder extends ScriptBuilder {
  /** Ends the process; a build under way fails. */
  close(): void;
}

const DEFAULT_LIMITS: BuilderLimits = {
  buildMs: 30_000,
  memoryBytes: Math.min(768 << 20, totalmem() / 2),
  keptBytes: 256 << 20,
  idleMs: 60_000,
  checkMs: 50,
};

export function createBuilder(options: BuilderOptions = {}): Builder {
  const settings: BuilderSettings = {
    registry: { ...DEFAULT_REGISTRY, ...options.registry },
    cacheFolder: options.cacheFolder ?? null,
  };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const command = options.command ?? defaultCommand();
  let child: BuilderChild | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  const run = async (input: BuildInput): Promise<BuildResult> => {
    if (child?.alive !== true) child = new BuilderChild(command, settings, limits);
    return child.build(input);
  };
  return {
    build(input) {
      const result = queue.then(() => run(input));
      queue = result.catch(() => undefined);
      return result;
    },
    close() {
      child?.kill();
      child = null;
    },
  };
}

/** From the environment: where packages come from. `npm_config_registry` is npm's own spelling. */
export function registryFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Partial<RegistryOptions> {
  const npm = env["PICLOUD_NPM_REGISTRY"] ?? env["npm_config_registry"];
  const jsr = env["PICLOUD_JSR_REGISTRY"];
  return { ...(npm === undefined ? {} : { npm }), ...(jsr === undefined ? {} : { jsr }) };
}

function defaultCommand(): readonly string[] {
  return isCompiled()
    ? selfCommand("builder")
    : [process.execPath, `${import.meta.dir}/builder-entry.ts`];
}
