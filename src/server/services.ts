/** What scripts ask of the platform, joined to the parts that answer. */
import * as v from "valibot";
import type { DataPlane } from "../orchestrator/data-plane.ts";
import { AppError } from "../shared/errors.ts";
import type { HostServices, ServiceContext } from "../shared/execution.ts";

interface EgressRules {
  allow: readonly string[];
  deny: readonly string[];
}

export interface ServiceParts {
  /** A getter: the data plane needs the executor, which needs these. */
  dataPlane(): DataPlane | null;
  egress(appId: string): Promise<{ app: EgressRules; instance: EgressRules }>;
}

type Operation = (
  parts: ServiceParts,
  context: ServiceContext,
  payload: unknown,
) => Promise<unknown>;

const routeInput = v.object({ host: v.string() });
const internalInput = v.object({
  method: v.string(),
  url: v.string(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  body: v.nullable(v.instance(Uint8Array)),
});

const OPERATIONS: Readonly<Record<string, Operation>> = {
  /** Whether a host is a domain claim, and what the app may reach. */
  "fetch.route": async (parts, { appId }, payload) => {
    const { host } = v.parse(routeInput, payload);
    if (parts.dataPlane()?.claims(host)) return { kind: "internal" };
    return { kind: "external", ...(await parts.egress(appId)) };
  },
  /** A request to a claimed host, answered without leaving the platform. */
  "fetch.internal": async (parts, context, payload) => {
    const plane = parts.dataPlane();
    if (plane === null) throw new AppError(503, "unavailable", "The platform is starting");
    const { method, url, headers, body } = v.parse(internalInput, payload);
    const hasBody = body !== null && method !== "GET" && method !== "HEAD";
    const request = new Request(url, {
      method,
      headers,
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    });
    const response = await plane.dispatchInternal(request, {
      rootExecutionId: context.rootExecutionId,
      triggerDepth: context.triggerDepth + 1,
    });
    return {
      status: response.status,
      headers: [...response.headers],
      body: response.body === null ? null : await response.bytes(),
    };
  },
};

export function createHostServices(parts: ServiceParts): HostServices {
  return {
    async call(context, operation, payload) {
      const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
      if (run === undefined)
        throw new AppError(404, "unknown_operation", `There is no service "${operation}"`);
      return await run(parts, context, payload);
    },
  };
}
