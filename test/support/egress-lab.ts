/** Ports for tests of outgoing requests: names resolve as told, and the machine itself may be reached. */
import type { EgressRules } from "../../src/executor/host/egress/policy.ts";
import { defaultPorts, type EgressPorts } from "../../src/executor/host/egress/ports.ts";

export const LOOPBACK: EgressRules = { allow: ["127.0.0.0/8", "::1"], deny: [] };

export interface TestPorts extends EgressPorts {
  /** Host names that were looked up, in order. */
  looked: string[];
}

export function testPorts(
  addresses: Record<string, string | string[] | (() => string | string[])>,
  overrides: Partial<EgressPorts> = {},
): TestPorts {
  const looked: string[] = [];
  return {
    ...defaultPorts,
    looked,
    async resolve(host) {
      looked.push(host);
      const known = addresses[host];
      const found = typeof known === "function" ? known() : known;
      if (found === undefined) throw new Error(`No address for ${host}`);
      return typeof found === "string" ? [found] : found;
    },
    localAddresses: () => new Set(),
    route: async () => ({ kind: "external", app: LOOPBACK, instance: LOOPBACK }),
    ...overrides,
  };
}
