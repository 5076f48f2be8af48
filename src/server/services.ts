/** What scripts ask of the platform, joined to the parts that answer. */
import * as v from "valibot";
import type { DataPlane } from "../orchestrator/data-plane.ts";
import { AppError } from "../shared/errors.ts";
import type { HostServices, ServiceContext } from "../shared/execution.ts";
import { InternalFetches } from "./internal-fetches.ts";

interface EgressRules {
  allow: readonly string[];
  deny: readonly string[];
}

export interface ServiceParts {
  /** A getter: the data plane needs the executor, which needs these. */
  dataPlane(): DataPlane | null;
  egress(appId: string): Promise<{ app: EgressRules; instance: EgressRules }>;
}

interface Parts extends ServiceParts {
  fetches: InternalFetches;
}

type Operation = (parts: Parts, context: ServiceContext, payload: unknown) => Promise<unknown>;

const routeInput = v.object({ host: v.string() });
const internalInput = v.object({
  method: v.string(),
  url: v.string(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  body: v.nullable(v.instance(Uint8Array)),
  streamed: v.boolean(),
});
const requestInput = v.object({ id: v.number() });
const sendInput = v.object({ id: v.number(), piece: v.nullable(v.instance(Uint8Array)) });

const OPERATIONS: Readonly<Record<string, Operation>> = {
  /** Whether a host is a domain claim, and what the app may reach. */
  "fetch.route": async (parts, { appId }, payload) => {
    const { host } = v.parse(routeInput, payload);
    if (parts.dataPlane()?.claims(host)) return { kind: "internal" };
    return { kind: "external", ...(await parts.egress(appId)) };
  },
  /** A request to a claimed host: its number, by which the others ask. */
  "fetch.internal": async (parts, context, payload) => {
    const plane = parts.dataPlane();
    if (plane === null) throw new AppError(503, "unavailable", "The platform is starting");
    return parts.fetches.start(plane, context, v.parse(internalInput, payload));
  },
  "fetch.internal.head": (parts, context, payload) =>
    parts.fetches.head(context, v.parse(requestInput, payload).id),
  "fetch.internal.read": (parts, context, payload) =>
    parts.fetches.read(context, v.parse(requestInput, payload).id),
  "fetch.internal.send": (parts, context, payload) => {
    const { id, piece } = v.parse(sendInput, payload);
    return parts.fetches.send(context, id, piece);
  },
  "fetch.internal.close": async (parts, context, payload) =>
    parts.fetches.close(context, v.parse(requestInput, payload).id),
};

export function createHostServices(parts: ServiceParts): HostServices {
  const fetches = new InternalFetches();
  return {
    ended: (executionId) => fetches.executionEnded(executionId),
    async call(context, operation, payload) {
      const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
      if (run === undefined)
        throw new AppError(404, "unknown_operation", `There is no service "${operation}"`);
      return await run({ ...parts, fetches }, context, payload);
    },
  };
}
