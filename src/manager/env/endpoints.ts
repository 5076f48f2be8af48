import * as v from "valibot";
import { requireApp } from "../authz/require.ts";
import { inApp } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { envName, isStorable, pageAnswer } from "../http/fields.ts";
import { pageQuery } from "../http/pagination.ts";
import { parseInput } from "../http/validate.ts";
import { listVariables } from "./list-variables.ts";
import { deleteVariable, findVariable, setVariable } from "./set-variable.ts";

const VALUE_MAX = 65_536;

const envInput = v.strictObject({
  value: v.pipe(
    v.string(),
    v.maxLength(VALUE_MAX, `Must have at most ${VALUE_MAX} characters`),
    v.check(isStorable, "Must hold no NUL character"),
  ),
  secret: v.optional(v.boolean(), false),
});
const envView = v.object({
  name: v.string(),
  secret: v.boolean(),
  value: v.optional(v.string()),
  updated_at: v.string(),
});

export const envEndpoints = [
  endpoint({
    method: "get",
    path: "/apps/:app/env",
    summary: "The variables of an app; of secrets only the names",
    access: inApp("AppWriteState"),
    status: 200,
    query: v.object(pageQuery),
    answer: pageAnswer(envView),
    handle: async ({ ctx, target, query }) => await listVariables(ctx, target.app.id, query),
  }),
  endpoint({
    method: "put",
    path: "/apps/:app/env/:name",
    summary: "Set a variable or a secret (which needs AppManageSecrets)",
    access: inApp("AppWriteState"),
    body: envInput,
    status: 200,
    answer: envView,
    handle: async ({ ctx, target, params, body }) => {
      const name = parseInput(envName, params["name"]);
      const present = await findVariable(ctx, target.app.id, name);
      if (body.secret || present?.secret === true)
        await requireApp(ctx, target.app.id, "AppManageSecrets");
      return await setVariable(ctx, target.app.id, { name, ...body });
    },
  }),
  endpoint({
    method: "delete",
    path: "/apps/:app/env/:name",
    summary: "Delete a variable or a secret (which needs AppManageSecrets)",
    access: inApp("AppWriteState"),
    status: 204,
    handle: async ({ ctx, target, params }) => {
      const name = parseInput(envName, params["name"]);
      const present = await findVariable(ctx, target.app.id, name);
      if (present?.secret === true) await requireApp(ctx, target.app.id, "AppManageSecrets");
      await deleteVariable(ctx, target.app.id, name);
    },
  }),
];
