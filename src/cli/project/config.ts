/** The project file: `picloud.json`, or the `picloud` key of `deno.json` / `deno.jsonc`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { CliError, EXIT } from "../errors.ts";

const routeSchema = v.union([
  v.string(),
  v.strictObject({
    path: v.string(),
    method: v.optional(v.string()),
    host: v.optional(v.string()),
    host_param_name: v.optional(v.string()),
  }),
]);

const scriptSchema = v.strictObject({
  entry: v.string(),
  /** Further files to upload, as globs: what Deno.readFile shall find. */
  assets: v.optional(v.array(v.string()), []),
  /** Served without running the script: beginning of a path to a folder, such as { "/assets/": "public" }. */
  static: v.optional(v.record(v.string(), v.string())),
  routes: v.optional(v.array(routeSchema), []),
  limits: v.optional(v.record(v.string(), v.number())),
  instance: v.optional(v.picklist(["fresh", "reuse"])),
  access: v.optional(v.picklist(["public", "principal", "internal"])),
});

const projectSchema = v.strictObject({
  $schema: v.optional(v.string()),
  app: v.string(),
  scripts: v.record(v.string(), scriptSchema),
  domains: v.optional(v.array(v.string()), []),
  /** Names that must have a value on the server; values never stand in the project. */
  env: v.optional(v.array(v.string()), []),
});

export type Project = v.InferOutput<typeof projectSchema>;
export type ProjectScript = Project["scripts"][string];
export interface ProjectRoute {
  path: string;
  method: string;
  host: string | null;
  hostParamName: string | null;
}

const CANDIDATES = ["picloud.json", "deno.json", "deno.jsonc"] as const;

export async function readProject(folder: string): Promise<Project> {
  for (const name of CANDIDATES) {
    const text = await readFile(join(folder, name), "utf8").catch(() => null);
    if (text === null) continue;
    const value =
      name === "picloud.json" ? parseJson(name, text) : picloudKey(parseJson(name, text));
    if (value !== undefined) return parseProject(name, value);
  }
  throw new CliError(
    EXIT.usage,
    `There is no picloud.json in ${folder}`,
    "Start a project with `pic init`",
  );
}

function parseJson(name: string, text: string): unknown {
  try {
    return Bun.JSONC.parse(text);
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `Cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function picloudKey(value: unknown): unknown {
  return typeof value === "object" && value !== null && "picloud" in value
    ? value.picloud
    : undefined;
}

function parseProject(name: string, value: unknown): Project {
  const result = v.safeParse(projectSchema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue) ?? "(top level)";
  throw new CliError(EXIT.usage, `${name} is not valid at ${path}: ${issue.message}`);
}

/** Routes in one form, whichever way they are written. */
export function routesOf(script: ProjectScript): ProjectRoute[] {
  return script.routes.map((route) =>
    typeof route === "string"
      ? { path: route, method: "*", host: null, hostParamName: null }
      : {
          path: route.path,
          method: (route.method ?? "*").toUpperCase(),
          host: route.host?.toLowerCase() ?? null,
          hostParamName: route.host_param_name ?? null,
        },
  );
}
