/** Every problem that the control plane answers with: its code, status and title. Codes are stable. */
import { AppError } from "../shared/errors.ts";
import type { AppErrorOptions, ErrorStatus } from "../shared/errors.ts";

interface Problem {
  status: ErrorStatus;
  title: string;
}

export const PROBLEMS = {
  already_member: { status: 409, title: "The user is already a member" },
  body_too_large: { status: 413, title: "The request body is too large" },
  cannot_escalate: { status: 422, title: "The role is above your own" },
  cron_name_taken: { status: 409, title: "Another script has a cron of this name" },
  database_unavailable: { status: 503, title: "The database is not reachable" },
  dns_unavailable: { status: 503, title: "DNS does not answer" },
  domain_overlaps: { status: 409, title: "The host overlaps a claim of another app" },
  domain_taken: { status: 409, title: "The host is claimed already" },
  domain_unverified: { status: 422, title: "The host is not proven to be yours" },
  email_taken: { status: 409, title: "The e-mail address is in use" },
  evaluation_failed: { status: 422, title: "The script does not evaluate" },
  executor_unavailable: { status: 503, title: "The sandbox is not available" },
  forbidden: { status: 403, title: "You may not do this" },
  has_data: { status: 409, title: "The app still holds data" },
  has_routes: { status: 409, title: "Routes still need this domain" },
  has_scripts: { status: 409, title: "The app still has scripts" },
  host_not_claimed: { status: 422, title: "The app does not own this host" },
  host_reserved: { status: 422, title: "The host is reserved" },
  inactive_user: { status: 422, title: "The user is not active" },
  internal: { status: 500, title: "Something went wrong on this side" },
  invalid: { status: 422, title: "The request does not fit" },
  invalid_cursor: { status: 422, title: "The cursor is not one of this list" },
  invalid_host: { status: 422, title: "The host is not valid" },
  invalid_json: { status: 400, title: "The body is not valid JSON" },
  invalid_path: { status: 422, title: "The path is not valid" },
  invalid_source: { status: 422, title: "The source does not compile" },
  last_owner: { status: 422, title: "This is the last active owner" },
  limit_above_ceiling: { status: 422, title: "The limit is above the ceiling" },
  listener_conflict: { status: 409, title: "Another script listens to the queue" },
  method_not_allowed: { status: 405, title: "The method is not supported here" },
  name_taken: { status: 409, title: "The name is in use" },
  not_found: { status: 404, title: "Not found" },
  origin_mismatch: { status: 403, title: "The request comes from another origin" },
  request_timeout: { status: 408, title: "The body did not arrive in time" },
  role_implied: { status: 422, title: "The instance role already implies this" },
  route_conflict: { status: 409, title: "Another route matches the same requests" },
  session_required: { status: 403, title: "Only a session may do this" },
  slug_in_history: { status: 409, title: "The slug is a former one of another app" },
  slug_taken: { status: 409, title: "The slug is in use" },
  too_many_attempts: { status: 429, title: "Too many failed attempts" },
  totp_enabled: { status: 409, title: "The second factor is enabled already" },
  totp_needed: { status: 422, title: "The instance asks everybody for a second factor" },
  totp_not_begun: { status: 409, title: "No second factor is being set up" },
  totp_required: { status: 401, title: "The code of the second factor is needed" },
  totp_setup_required: { status: 403, title: "Set up a second factor first" },
  unauthenticated: { status: 401, title: "You are not logged in" },
  unknown_field: { status: 422, title: "The field is not known" },
  unknown_limit: { status: 422, title: "The limit is not known" },
  unsupported_media_type: { status: 415, title: "The body must be JSON" },
  username_taken: { status: 409, title: "The username is in use" },
  version_conflict: { status: 409, title: "The script has changed since" },
  wrong_password: { status: 422, title: "The current password is not right" },
  wrong_totp: { status: 422, title: "The code is not right" },
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof PROBLEMS;

/** The error for a problem of the catalogue. The detail never holds what the caller sent. */
export function problem(code: ProblemCode, detail: string, options?: AppErrorOptions): AppError {
  return new AppError(PROBLEMS[code].status, code, detail, options);
}

/** One text for every unknown id, so that what is hidden answers like what does not exist. */
export const notFound = (): AppError => problem("not_found", "There is no such resource");

export const titleOf = (code: string): string | undefined =>
  Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode].title : undefined;

/** @throws AppError 404 for a code that is not of the catalogue */
export function describeProblem(code: string): { code: string; status: number; title: string } {
  if (!Object.hasOwn(PROBLEMS, code)) throw notFound();
  return { code, ...PROBLEMS[code as ProblemCode] };
}
