import * as v from "valibot";
import { requireApp } from "../authz/require.ts";
import { inApp } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { appRole, instanceRole, pageAnswer, reference } from "../http/fields.ts";
import { pageQuery, readPage } from "../http/pagination.ts";
import { addMember, changeMember, listMembers, removeMember } from "./members.ts";

const memberView = v.object({
  user_id: v.string(),
  username: v.string(),
  email: v.nullable(v.string()),
  instance_role: instanceRole,
  is_active: v.boolean(),
  role: appRole,
});

export const memberEndpoints = [
  endpoint({
    method: "get",
    path: "/apps/:app/members",
    summary: "The members of an app",
    access: inApp("AppAdmin"),
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(memberView),
    handle: async ({ ctx, target, query }) =>
      await listMembers(ctx, target.app.id, readPage(query)),
  }),
  endpoint({
    method: "post",
    path: "/apps/:app/members",
    summary: "Make a user a member",
    access: inApp("AppAdmin"),
    body: v.strictObject({ user_id: reference, role: appRole }),
    status: 201,
    answer: memberView,
    problems: ["already_member", "inactive_user", "role_implied"],
    handle: async ({ ctx, target, body }) => await addMember(ctx, target.app.id, body),
  }),
  endpoint({
    method: "patch",
    path: "/apps/:app/members/:user_id",
    summary: "Change the role of a member",
    access: inApp("AppAdmin"),
    body: v.strictObject({ role: appRole }),
    status: 200,
    answer: memberView,
    handle: async ({ ctx, target, params, body }) =>
      await changeMember(ctx, target.app.id, params["user_id"] ?? "", body.role),
  }),
  endpoint({
    method: "delete",
    path: "/apps/:app/members/:user_id",
    summary: "End a membership; one's own, too",
    // Every member may leave; whoever removes another is asked for AppAdmin below.
    access: inApp("AppRead"),
    status: 204,
    handle: async ({ ctx, target, params }) => {
      const userId = params["user_id"] ?? "";
      const isOwn = ctx.principal.kind === "user" && ctx.principal.userId === userId;
      if (!isOwn) await requireApp(ctx, target.app.id, "AppAdmin");
      await removeMember(ctx, target.app.id, userId);
    },
  }),
];
