/** What outgoing requests need from outside: names, routes and the platform. */
import { promises as dns } from "node:dns";
import { networkInterfaces } from "node:os";
import { dispatchInternally, type InternalRequest, type InternalResponse } from "./internal.ts";
import type { HostContext } from "../host-function.ts";
import { NO_RULES, type EgressRules } from "./policy.ts";

/** Answer of the service `fetch.route` to `{host, url}`. */
export interface RouteAnswer {
  /** `internal`: the host is a domain claim, and the service `fetch.internal` answers. */
  kind: "internal" | "external";
  /** Absent: public addresses only. */
  app?: EgressRules;
  instance?: EgressRules;
}

export interface EgressPorts {
  /** All addresses of a name, best first. Rejects when there is none. */
  resolve(host: string): Promise<string[]>;
  /** Addresses of this machine. */
  localAddresses(): ReadonlySet<string>;
  route(context: HostContext, host: string, url: string): Promise<RouteAnswer>;
  internal(context: HostContext, request: InternalRequest): Promise<InternalResponse>;
  /** Certificates to trust instead of the system's, as PEM. */
  ca?: string;
  connectTimeoutMs: number;
}

const LOCAL_FOR_MS = 10_000;
let local: ReadonlySet<string> = new Set();
let localUntil = 0;

function localAddresses(): ReadonlySet<string> {
  const now = performance.now();
  if (now >= localUntil) {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    local = new Set(all.map((entry) => entry.address));
    localUntil = now + LOCAL_FOR_MS;
  }
  return local;
}

const EXTERNAL: RouteAnswer = { kind: "external" };

const isRules = (value: unknown): value is EgressRules =>
  typeof value === "object" && value !== null && "allow" in value && "deny" in value;

/** A platform that cannot say gives the strictest answer. */
async function route(context: HostContext, host: string, url: string): Promise<RouteAnswer> {
  try {
    const answer = (await context.callService("fetch.route", {
      host,
      url,
    })) as Partial<RouteAnswer> | null;
    return {
      kind: answer?.kind === "internal" ? "internal" : "external",
      app: isRules(answer?.app) ? answer.app : NO_RULES,
      instance: isRules(answer?.instance) ? answer.instance : NO_RULES,
    };
  } catch {
    return EXTERNAL;
  }
}

export const defaultPorts: EgressPorts = {
  async resolve(host) {
    const found = await dns.lookup(host, { all: true });
    return found.map((entry) => entry.address);
  },
  localAddresses,
  route,
  internal: dispatchInternally,
  connectTimeoutMs: 10_000,
};
