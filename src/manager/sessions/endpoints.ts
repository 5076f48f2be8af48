import { eq } from "drizzle-orm";
import * as v from "valibot";
import { SESSION_COOKIE } from "../authz/tokens.ts";
import type { RequestContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { anyCallerInSetup, open, sessionInSetup, sessionOnly } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { pageAnswer } from "../http/fields.ts";
import { pageQuery, readPage } from "../http/pagination.ts";
import { notFound } from "../problems.ts";
import { changePassword } from "./change-password.ts";
import { endSession, listSessions } from "./end-sessions.ts";
import { login } from "./login.ts";
import { sessionOf } from "./session-of.ts";
import { loginInput, loginView, meView, passwordInput, sessionView } from "./schemas.ts";

export const sessionEndpoints = [
  endpoint({
    method: "post",
    path: "/auth/login",
    summary: "Log in",
    access: open,
    body: loginInput,
    status: 200,
    answer: loginView,
    problems: ["unauthenticated", "totp_required", "too_many_attempts"],
    handle: async ({ ctx, body, request }) => {
      const { token, expiresAt, user } = await login(ctx, body);
      const answer = { token, expires_at: expiresAt.toISOString(), user: viewOf(user) };
      const maxAgeS = Math.floor(ctx.deps.config.sessionTtlMs / 1000);
      return Response.json(answer, {
        headers: { "set-cookie": cookie(ctx, request, token, maxAgeS) },
      });
    },
  }),
  endpoint({
    method: "post",
    path: "/auth/logout",
    summary: "End the present session",
    access: sessionInSetup,
    status: 204,
    handle: async ({ ctx, request }) => {
      await endSession(ctx, sessionOf(ctx).sessionId);
      return new Response(null, {
        status: 204,
        headers: { "set-cookie": cookie(ctx, request, "", 0) },
      });
    },
  }),
  endpoint({
    method: "get",
    path: "/auth/me",
    summary: "Who is asking",
    access: anyCallerInSetup,
    status: 200,
    answer: meView,
    handle: async ({ ctx }) => {
      const [user] = await ctx.deps.database.db
        .select()
        .from(users)
        .where(eq(users.id, ctx.principal.userId));
      if (user === undefined) throw notFound();
      return viewOf(user);
    },
  }),
  endpoint({
    method: "post",
    path: "/auth/password",
    summary: "Change one's password",
    access: sessionInSetup,
    body: passwordInput,
    status: 204,
    problems: ["wrong_password", "too_many_attempts"],
    handle: async ({ ctx, body }) => await changePassword(ctx, sessionOf(ctx), body),
  }),
  endpoint({
    method: "get",
    path: "/auth/sessions",
    summary: "One's open sessions",
    access: sessionOnly,
    status: 200,
    query: v.object(pageQuery),
    answer: pageAnswer(sessionView),
    handle: async ({ ctx, query }) => await listSessions(ctx, sessionOf(ctx), readPage(query)),
  }),
  endpoint({
    method: "delete",
    path: "/auth/sessions/:id",
    summary: "End one of one's sessions",
    access: sessionOnly,
    status: 204,
    handle: async ({ ctx, params }) => await endSession(ctx, params["id"] ?? ""),
  }),
];

function viewOf(user: typeof users.$inferSelect) {
  return {
    id: user.id,
    username: user.username,
    instance_role: user.instanceRole,
    email: user.email,
  };
}

/** Secure only behind TLS: a browser would not keep it on the plain http of a home network. */
function cookie(
  { deps }: RequestContext,
  request: Request,
  value: string,
  maxAgeS: number,
): string {
  const isTls =
    deps.config.publicBaseUrl?.startsWith("https:") === true || request.url.startsWith("https:");
  const parts = [
    `${SESSION_COOKIE}=${value}`,
    "Path=/api/v1",
    "HttpOnly",
    "SameSite=Strict",
    `Max-Age=${maxAgeS}`,
  ];
  return (isTls ? [...parts, "Secure"] : parts).join("; ");
}
