import * as v from "valibot";
import { description, isStorable, reference, scriptName } from "../http/fields.ts";

const FILES_MAX = 1000;

const sourceText = v.pipe(
  v.string(),
  v.check(isStorable, "Must hold no NUL character and no half of a surrogate pair"),
);
const filePath = v.pipe(
  v.string(),
  v.maxLength(256, "A file's path has at most 256 characters"),
  v.check(isPlainPath, "A file's path is relative and has no empty, '.' or '..' part"),
);

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** A file that is no text. */
const binaryFile = v.strictObject({
  base64: v.pipe(v.string(), v.regex(BASE64, "Must be base64 (RFC 4648, section 4) with padding")),
});

const MOUNTS_MAX = 20;
const mountPath = v.pipe(
  v.string(),
  v.regex(/^\/(?:[^?#%\\]*\/)?$/, "Must begin and end with '/', and hold no '?', '#', '%' or '\\'"),
  v.maxLength(256, "Has at most 256 characters"),
);
const folderPath = v.pipe(
  v.string(),
  v.maxLength(256, "Has at most 256 characters"),
  v.check(isPlainPath, "Must name a folder of the files, without slashes at its ends"),
);

const code = {
  source: v.optional(sourceText),
  files: v.optional(
    v.pipe(
      v.record(filePath, v.union([sourceText, binaryFile], 'Must be text, or {"base64": "..."}')),
      v.check((files) => Object.keys(files).length > 0, "Must hold at least one file"),
      v.check(
        (files) => Object.keys(files).length <= FILES_MAX,
        `Must hold at most ${FILES_MAX} files`,
      ),
    ),
  ),
  entry: v.optional(v.string()),
  /** Served without running the script; null for nothing. */
  static: v.optional(
    v.nullable(
      v.pipe(
        v.record(mountPath, folderPath),
        v.check(
          (mounts) => Object.keys(mounts).length <= MOUNTS_MAX,
          `Must hold at most ${MOUNTS_MAX} paths`,
        ),
      ),
    ),
  ),
};

const options = {
  description: v.optional(description),
  /** Names and bounds are checked apart: their problems have codes of their own. */
  limits: v.optional(v.record(v.string(), v.unknown())),
  instance: v.optional(v.picklist(["fresh", "reuse"], "Must be fresh or reuse")),
  access: v.optional(
    v.picklist(["public", "principal", "internal"], "Must be public, principal or internal"),
  ),
};

export const createScriptInput = v.strictObject({
  app_id: reference,
  name: scriptName,
  ...code,
  ...options,
});
export const updateScriptInput = v.strictObject({
  name: v.optional(scriptName),
  ...code,
  ...options,
  expected_version: v.optional(v.number("Must be a version number")),
});

export type CodeInput = v.InferOutput<v.StrictObjectSchema<typeof code, undefined>>;
export type CreateScriptInput = v.InferOutput<typeof createScriptInput>;
export type UpdateScriptInput = v.InferOutput<typeof updateScriptInput>;

const summary = {
  id: v.string(),
  app_id: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  version: v.number(),
  latest_version: v.number(),
  limits: v.record(v.string(), v.number()),
  instance: v.string(),
  access: v.string(),
  size_bytes: v.number(),
  checksum: v.string(),
  created_at: v.string(),
  updated_at: v.string(),
};
const contents = {
  source: v.optional(v.string()),
  files: v.record(v.string(), v.union([v.string(), v.object({ base64: v.string() })])),
  static: v.nullable(v.record(v.string(), v.string())),
  entry: v.string(),
  packages: v.record(v.string(), v.string()),
};

export const scriptSummaryView = v.object(summary);
export const scriptView = v.object({ ...summary, ...contents });

const versionSummary = {
  script_id: v.string(),
  version: v.number(),
  is_live: v.boolean(),
  created_at: v.string(),
  created_by: v.nullable(v.object({ id: v.string(), username: v.nullable(v.string()) })),
  size_bytes: v.number(),
  checksum: v.string(),
  limits: v.record(v.string(), v.number()),
  instance: v.string(),
  access: v.string(),
};
export const versionSummaryView = v.object(versionSummary);
export const versionView = v.object({ ...versionSummary, ...contents });

function isPlainPath(path: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (path === "__proto__" || /[\u0000-\u001f\\]/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
