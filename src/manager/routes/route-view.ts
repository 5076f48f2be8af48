import * as v from "valibot";
import type { RouteRow } from "../../shared/routing.ts";

export const routeView = v.object({
  id: v.string(),
  app_id: v.string(),
  script_id: v.string(),
  method: v.string(),
  path: v.string(),
  path_kind: v.picklist(["exact", "param", "prefix"]),
  host_kind: v.picklist(["any", "strict", "wildcard"]),
  host: v.nullable(v.string()),
  host_param_name: v.nullable(v.string()),
});

export function viewRoute(route: RouteRow): v.InferOutput<typeof routeView> {
  return {
    id: route.id,
    app_id: route.appId,
    script_id: route.scriptId,
    method: route.method,
    path: route.path,
    path_kind: route.pathKind,
    host_kind: route.hostKind,
    host: route.host,
    host_param_name: route.hostParamName,
  };
}
