/** What scripts ask of the platform, joined to the parts that answer. */
import type { DataPlane } from "../orchestrator/data-plane.ts";
import { AppError } from "../shared/errors.ts";
import type { HostServices } from "../shared/execution.ts";

/** `plane` is a getter: the data plane needs the executor, which needs these. */
export function createHostServices(plane: () => DataPlane | null): HostServices {
  return {
    async call(_context, operation, payload) {
      if (operation === "fetch.route")
        return { kind: plane()?.claims(hostIn(payload)) ? "internal" : "external" };
      throw new AppError(404, "unknown_operation", `There is no service "${operation}"`);
    },
  };
}

function hostIn(payload: unknown): string {
  return typeof payload === "object" && payload !== null && "host" in payload
    ? String(payload.host)
    : "";
}
