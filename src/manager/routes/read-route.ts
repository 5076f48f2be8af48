/** From what the author wrote to a route's row: kinds inferred, host normalised. */
import * as v from "valibot";
import { parseHost } from "../../shared/routing/host.ts";
import { parsePath } from "../../shared/routing/path-pattern.ts";
import type { HostKind, PathKind, RouteRow } from "../../shared/routing.ts";
import { problem } from "../problems.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export const method = v.pipe(
  v.string(),
  v.toUpperCase(),
  v.check(
    (text) => text === "*" || METHODS.includes(text),
    `Must be * or one of ${METHODS.join(", ")}`,
  ),
);

const shape = {
  path: v.string(),
  path_kind: v.optional(v.picklist(["exact", "param", "prefix"], "Must be exact, param or prefix")),
  host_kind: v.optional(
    v.picklist(["any", "strict", "wildcard"], "Must be any, strict or wildcard"),
  ),
  host: v.optional(v.nullable(v.string())),
  host_param_name: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "Must be a plain name of up to 64 characters"),
      ),
    ),
  ),
};

export const routeInput = v.strictObject({ ...shape, method: v.optional(method, "*") });
export const routeCheckInput = v.strictObject({ ...shape, app_id: v.string(), method });

type RouteInput = Omit<v.InferOutput<typeof routeInput>, "method"> & { method: string };
export type RouteDraft = Omit<RouteRow, "id" | "appId" | "scriptId">;

/** @throws AppError 422 `invalid_path`, `invalid_host`, `invalid` */
export function readRoute(input: RouteInput): RouteDraft {
  return {
    method: input.method,
    path: input.path,
    pathKind: readPathKind(input),
    ...readHost(input),
  };
}

function readPathKind({ path, path_kind }: RouteInput): PathKind {
  const parsed = parsePath(path);
  if (!parsed.ok)
    throw problem("invalid_path", `Cannot use the path: ${parsed.reason}`, {
      details: { reason: parsed.reason },
    });
  if (path_kind !== undefined && path_kind !== parsed.kind) {
    const reason = `it is written as ${parsed.kind}, and path_kind says ${path_kind}`;
    throw problem("invalid_path", `Cannot use the path: ${reason}`, { details: { reason } });
  }
  return parsed.kind;
}

function readHost({
  host,
  host_kind,
  host_param_name,
}: RouteInput): Pick<RouteDraft, "hostKind" | "host" | "hostParamName"> {
  const parsed = host === undefined || host === null ? null : parseHost(host);
  if (parsed?.ok === false) throw problem("invalid_host", `Cannot use the host: ${parsed.reason}`);
  const hostKind: HostKind = parsed?.kind ?? "any";
  if (host_kind !== undefined && host_kind !== hostKind) {
    throw invalid("host_kind", `Says ${host_kind}, and host makes it ${hostKind}`);
  }
  const hostParamName = host_param_name ?? null;
  if (hostParamName !== null && hostKind !== "wildcard")
    throw invalid("host_param_name", "Goes with a wildcard host");
  return { hostKind, host: parsed?.host ?? null, hostParamName };
}

const invalid = (field: string, message: string) =>
  problem("invalid", `${field}: ${message}`, { details: { field } });
