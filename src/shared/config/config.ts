/** The configuration, typed, read once from the environment at start. */
import * as v from "valibot";
import type { Limits } from "../limits.ts";
import { DEFAULT_CEILINGS } from "../limits.ts";
import { CEILING_SETTINGS } from "./ceilings.ts";
import { nearest } from "./nearest.ts";
import { CLI_VARIABLES, SETTINGS } from "./settings.ts";
import type { Setting } from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends Setting<infer T, infer D> ? (D extends null ? T | null : T) : never;

export type Config = { readonly [K in keyof Settings]: ValueOf<Settings[K]> } & {
  readonly ceilings: Limits;
};

export interface ConfigProblem {
  variable: string;
  message: string;
}

/** Holds every problem of the environment, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ message }) => message).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/**
 * An empty variable counts as absent.
 * @throws ConfigError naming each wrong variable, its value unless it is a secret, and what is allowed.
 */
export function loadConfig(
  env: Environment = process.env,
  isRoot = process.getuid?.() === 0,
): Config {
  const problems: ConfigProblem[] = [];
  const read = (setting: Setting<unknown>, fallback = setting.default): unknown => {
    const given = env[setting.name];
    const raw = given === undefined || given === "" ? fallback : given;
    if (raw === null) return null;
    const result = v.safeParse(setting.schema, raw);
    if (result.success) return result.output;
    problems.push(problemOf(setting, raw));
    return null;
  };
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS)) values[key] = read(setting);
  if (isRoot) values["dataDir"] = read(SETTINGS.dataDir, "/var/lib/picloud");
  const ceilings: Limits = { ...DEFAULT_CEILINGS };
  for (const setting of CEILING_SETTINGS) ceilings[setting.limit] = Number(read(setting));
  problems.push(...contradictions(values));
  if (problems.length > 0) throw new ConfigError(problems);
  // The loop above read every key of the table with that key's own schema.
  return { ...values, ceilings } as Config;
}

function problemOf({ name, secret, allowed }: Setting<unknown>, raw: string): ConfigProblem {
  const shown = secret ? "the given value" : JSON.stringify(raw.slice(0, 200));
  return {
    variable: name,
    message: `Cannot use ${name}: ${shown} is not allowed. Allowed is ${allowed}`,
  };
}

function contradictions(values: Readonly<Record<string, unknown>>): ConfigProblem[] {
  if (values["databaseOwnerUrl"] === null || values["databaseUrl"] !== null) return [];
  const { name } = SETTINGS.databaseOwnerUrl;
  return [
    { variable: name, message: `Cannot use ${name}: it goes with DATABASE_URL, which is not set` },
  ];
}

/** One sentence for each `PICLOUD_*` variable that nothing reads, with the name that was perhaps meant. */
export function configWarnings(env: Environment = process.env): string[] {
  const known = new Set<string>([
    ...Object.values(SETTINGS).map(({ name }) => name),
    ...CEILING_SETTINGS.map(({ name }) => name),
    ...CLI_VARIABLES,
  ]);
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith("PICLOUD_") && !name.startsWith("PICLOUD_TEST_") && !known.has(name),
  );
  return unknown.map((name) => {
    const near = nearest(name, known);
    const hint = near === undefined ? 'see "picloud serve --help"' : `did you mean ${near}?`;
    return `Ignoring the unknown variable ${name}: ${hint}`;
  });
}
