import { newId } from "../../shared/ids.ts";
import type { ManagerDeps, RequestContext } from "../context.ts";

/** For what the platform does of itself. */
export const systemContext = (deps: ManagerDeps): RequestContext => ({
  deps,
  requestId: newId(),
  address: null,
  userAgent: null,
  principal: null,
});
