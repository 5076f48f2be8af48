/** From what the author sent to a version that can be stored: bundled, and evaluated once as a check. */
import { createHash } from "node:crypto";
import type { BuildInput, BuildLock, BuildResult } from "../../shared/builder.ts";
import type { EvaluationResult } from "../../shared/execution.ts";
import type { Outcome } from "../../shared/outcome.ts";
import type { RequestContext } from "../context.ts";
import type { scriptVersions } from "../db/tables/scripts.ts";
import { readEnvironment } from "../env/read-environment.ts";
import { problem } from "../problems.ts";
import { toExecutable } from "../publish/script-cache.ts";
import type { CodeInput } from "./schemas.ts";

type StoredVersion = typeof scriptVersions.$inferSelect;

/** What was sent, or what the version before had. */
export type VersionDraft = Pick<
  StoredVersion,
  "files" | "assets" | "static" | "entry" | "limits" | "instance" | "access"
>;
export type PreparedVersion = Omit<
  StoredVersion,
  "scriptId" | "version" | "createdAt" | "createdBy" | "createdByName"
>;

const NOT_THE_SCRIPTS_FAULT: ReadonlySet<Outcome> = new Set<Outcome>(["overloaded", "aborted"]);
const MAIN_FILE = "main.ts";

export interface ScriptIdentity {
  id: string;
  appId: string;
  name: string;
  version: number;
}

/** The files of an input, or undefined when it has none. @throws AppError 422 for both forms at once, or an entry that is no file */
export function readCode(
  input: CodeInput,
): Pick<VersionDraft, "files" | "assets" | "entry"> | undefined {
  if (input.source !== undefined) {
    if (input.files !== undefined) throw invalid("source", "Send either source or files");
    if (input.entry !== undefined && input.entry !== MAIN_FILE)
      throw invalid("entry", "Goes with files, not with source");
    return { files: { [MAIN_FILE]: input.source }, assets: {}, entry: MAIN_FILE };
  }
  if (input.files === undefined) {
    if (input.entry !== undefined) throw invalid("entry", "Goes with files");
    return undefined;
  }
  const { files, assets } = splitFiles(input.files);
  const names = Object.keys(files);
  const entry = input.entry ?? (names.length === 1 ? names[0] : MAIN_FILE);
  if (entry === undefined || !Object.hasOwn(files, entry))
    throw invalid("entry", "Must name one of the files that are text");
  return { files, assets, entry };
}

function splitFiles(sent: NonNullable<CodeInput["files"]>): Pick<VersionDraft, "files" | "assets"> {
  const files: Record<string, string> = {};
  const assets: Record<string, string> = {};
  for (const [path, content] of Object.entries(sent)) {
    if (typeof content === "string") files[path] = content;
    else assets[path] = content.base64;
  }
  return { files, assets };
}

/** @throws AppError 422 for a folder that holds no file */
export function requireFolders({ files, assets, static: mounts }: VersionDraft): void {
  const paths = [...Object.keys(files), ...Object.keys(assets)];
  for (const [path, folder] of Object.entries(mounts ?? {})) {
    if (paths.some((file) => file.startsWith(`${folder}/`))) continue;
    throw invalid("static", `The folder for ${path} holds none of the files`);
  }
}

const invalid = (field: string, message: string) =>
  problem("invalid", `${field}: ${message}`, { details: { field } });

/** `earlier` keeps package versions for specifiers that stay. @throws AppError 422 `invalid_source`, `evaluation_failed` */
export async function prepareVersion(
  ctx: RequestContext,
  identity: ScriptIdentity,
  draft: VersionDraft,
  earlier: BuildLock | null = null,
): Promise<PreparedVersion> {
  requireFolders(draft);
  const { files, entry } = draft;
  const input: BuildInput = {
    files,
    assets: importable(files, draft.assets),
    entry,
    ...(earlier === null ? {} : { lock: earlier }),
  };
  const built = await ctx.deps.builder.build(input);
  if (!built.ok) throw invalidSource(built);
  const prepared = {
    ...draft,
    files: built.files,
    code: built.code,
    sourceMap: built.sourceMap,
    packages: built.packages,
    lock: built.lock ?? null,
    checksum: checksumOf({ ...draft, files: built.files }, built.code),
    sizeBytes: sizeOf(built.files, draft.assets),
  };
  const evaluation = await evaluate(ctx, identity, prepared);
  if (!evaluation.ok) throw await evaluationFailed(ctx, input, evaluation);
  return { ...prepared, crons: evaluation.crons, listensToQueue: evaluation.listensToQueue };
}

const invalidSource = ({ file, line, column, message }: Extract<BuildResult, { ok: false }>) =>
  problem("invalid_source", "The source does not compile", {
    details: { file, line, column, message },
  });

/** What no file names cannot be imported: a site's pictures need not go through the builder. */
function importable(
  files: Record<string, string>,
  assets: Record<string, string>,
): Record<string, string> {
  const sources = Object.values(files);
  const isNamed = (path: string): boolean => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return sources.some((source) => source.includes(name));
  };
  return Object.fromEntries(Object.entries(assets).filter(([path]) => isNamed(path)));
}

function sizeOf(files: Record<string, string>, assets: Record<string, string>): number {
  let size = 0;
  for (const text of Object.values(files)) size += Buffer.byteLength(text);
  for (const base64 of Object.values(assets)) size += Buffer.byteLength(base64, "base64");
  return size;
}

const sorted = (record: Record<string, string>): [string, string][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** What has neither assets nor static folders is told from others as it was before there were any. */
function checksumOf(draft: VersionDraft, code: string): string {
  const { entry, files, assets, static: mounts } = draft;
  const further = Object.keys(assets).length > 0 || mounts !== null;
  const parts = further
    ? [entry, sorted(files), sorted(assets), sorted(mounts ?? {})]
    : [entry, sorted(files)];
  return createHash("sha256").update(JSON.stringify(parts)).update("\0").update(code).digest("hex");
}

async function evaluate(
  ctx: RequestContext,
  identity: ScriptIdentity,
  version: Omit<PreparedVersion, "crons" | "listensToQueue">,
): Promise<EvaluationResult> {
  const { database, executor, secrets, config } = ctx.deps;
  const environment = await readEnvironment(database.db, secrets, identity.appId);
  const executable = toExecutable(
    identity,
    { ...version, version: identity.version },
    { ...environment, ceilings: config.ceilings },
  );
  return executor.evaluate(executable);
}

async function evaluationFailed(
  ctx: RequestContext,
  input: BuildInput,
  { outcome, error, file, line, column }: Extract<EvaluationResult, { ok: false }>,
): Promise<Error> {
  if (NOT_THE_SCRIPTS_FAULT.has(outcome)) {
    return problem(
      "executor_unavailable",
      "The script could not be tried now; save it again soon",
      {
        internal: error.message,
        headers: { "retry-after": "1" },
      },
    );
  }
  if (error.name === "SyntaxError") {
    // Thrown while it ran, or the engine's word about what the bundler let through.
    const checked = await ctx.deps.builder.build({ ...input, strict: true });
    if (!checked.ok) return invalidSource(checked);
  }
  return problem("evaluation_failed", "The script fails when its module is evaluated", {
    details: {
      outcome,
      name: error.name,
      message: error.message,
      file: file ?? null,
      line: line ?? null,
      column: column ?? null,
    },
  });
}
