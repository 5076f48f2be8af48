import type { SessionPrincipal } from "../authz/principal.ts";
import type { CallerContext } from "../context.ts";
import { problem } from "../problems.ts";

/** @throws AppError 403 `session_required` for an API key */
export function sessionOf({ principal }: CallerContext): SessionPrincipal {
  if (principal.kind !== "user")
    throw problem("session_required", "Log in; an API key may not do this");
  return principal;
}
