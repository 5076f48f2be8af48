/** Who may call an endpoint, and the resource that its path names. Every endpoint has exactly one. */
import type { AppCapability, InstanceCapability } from "../authz/capabilities.ts";
import { requireApp, requireInstance } from "../authz/require.ts";
import type { AppTarget } from "../authz/require.ts";
import type { CallerContext, RequestContext } from "../context.ts";
import { notFound, problem } from "../problems.ts";
import { findRoute } from "../routes/find-route.ts";
import type { RouteTarget } from "../routes/find-route.ts";
import { findScript } from "../scripts/find-script.ts";
import type { ScriptTarget } from "../scripts/find-script.ts";

export type Params = Readonly<Record<string, string>>;

export interface Access<Ctx, Target> {
  /** As it stands in the OpenAPI document: `open`, `caller`, `session` or a capability. */
  needs: "open" | "caller" | "session" | AppCapability | InstanceCapability;
  /** Where the app comes from that the capability is asked in. */
  by: "none" | "app" | "script" | "route" | "body";
  /** Throws 401, 403 or 404. */
  enter(ctx: RequestContext, params: Params): Promise<{ ctx: Ctx; target: Target }>;
}

export const open: Access<RequestContext, null> = {
  needs: "open",
  by: "none",
  enter: async (ctx) => ({ ctx, target: null }),
};

export const anyCaller: Access<CallerContext, null> = {
  needs: "caller",
  by: "none",
  enter: async (ctx) => ({ ctx: requireCaller(ctx), target: null }),
};

/** Open to a session that still has to set up its second factor, and else like `anyCaller`. */
export const anyCallerInSetup: Access<CallerContext, null> = {
  needs: "caller",
  by: "none",
  enter: async (ctx) => ({ ctx: requireCaller(ctx, true), target: null }),
};

/** Passwords, sessions and keys: a stolen key must not make further ones. */
export const sessionOnly: Access<CallerContext, null> = {
  needs: "session",
  by: "none",
  enter: async (ctx) => ({ ctx: requireSession(requireCaller(ctx)), target: null }),
};

/** Open to a session that still has to set up its second factor. */
export const sessionInSetup: Access<CallerContext, null> = {
  needs: "session",
  by: "none",
  enter: async (ctx) => ({ ctx: requireSession(requireCaller(ctx, true)), target: null }),
};

export const inInstance = (capability: InstanceCapability): Access<CallerContext, null> => ({
  needs: capability,
  by: "none",
  enter: async (ctx) => {
    const caller = requireCaller(ctx);
    requireInstance(caller, capability);
    return { ctx: caller, target: null };
  },
});

/** What makes or ends credentials of others. */
export const inInstanceBySession = (
  capability: InstanceCapability,
): Access<CallerContext, null> => ({
  needs: capability,
  by: "none",
  enter: async (ctx, params) => {
    await sessionOnly.enter(ctx, params);
    return await inInstance(capability).enter(ctx, params);
  },
});

/** The app that `{app}` of the path names. */
export const inApp = (capability: AppCapability): Access<CallerContext, AppTarget> => ({
  needs: capability,
  by: "app",
  enter: async (ctx, params) => {
    const caller = requireCaller(ctx);
    return { ctx: caller, target: await requireApp(caller, params["app"] ?? "", capability) };
  },
});

/** The app of the script that `{id}` of the path names. */
export const ofScript = (capability: AppCapability): Access<CallerContext, ScriptTarget> => ({
  needs: capability,
  by: "script",
  enter: async (ctx, params) => {
    const caller = requireCaller(ctx);
    const script = await findScript(caller.deps.database.db, params["id"] ?? "");
    if (script === null) throw notFound();
    return {
      ctx: caller,
      target: { ...(await requireApp(caller, script.appId, capability)), script },
    };
  },
});

/** The app of the route that `{id}` of the path names. */
export const ofRoute = (capability: AppCapability): Access<CallerContext, RouteTarget> => ({
  needs: capability,
  by: "route",
  enter: async (ctx, params) => {
    const caller = requireCaller(ctx);
    const route = await findRoute(caller.deps.database.db, params["id"] ?? "");
    if (route === null) throw notFound();
    return {
      ctx: caller,
      target: { ...(await requireApp(caller, route.appId, capability)), route },
    };
  },
});

/** The app stands in the body or query: the handler asks `requireApp` itself, with this capability. */
export const inNamedApp = (capability: AppCapability): Access<CallerContext, AppCapability> => ({
  needs: capability,
  by: "body",
  enter: async (ctx) => ({ ctx: requireCaller(ctx), target: capability }),
});

function requireSession(ctx: CallerContext): CallerContext {
  if (ctx.principal.kind === "user") return ctx;
  throw problem("session_required", "Log in; an API key may not do this");
}

function requireCaller(ctx: RequestContext, isSetup = false): CallerContext {
  if (ctx.principal === null) {
    throw problem("unauthenticated", "Log in, or send an API key", {
      headers: { "www-authenticate": 'Bearer realm="picloud"' },
    });
  }
  if (ctx.principal.kind === "user" && ctx.principal.lacksSecondFactor && !isSetup)
    throw problem("totp_setup_required", "This instance asks for a second factor; set it up first");
  return { ...ctx, principal: ctx.principal };
}
