/**
 * Which hosts the control plane and the dashboard answer on. Without a public base URL there is one
 * owner and every host may reach them; once it is set, a tenant's domain never shows them. Address
 * literals stay: no tenant can claim one.
 */
import { isIP } from "node:net";

/** Takes a host with or without its port. */
export type HostCheck = (host: string) => boolean;

export function platformHostCheck(publicBaseUrl: string | null): HostCheck {
  if (publicBaseUrl === null) return () => true;
  const own = new URL(publicBaseUrl).hostname.toLowerCase();
  return (host) => {
    const name = withoutPort(host.toLowerCase());
    return name === own || isIP(name.replace(/^\[|\]$/g, "")) !== 0;
  };
}

const withoutPort = (host: string): string => host.replace(/:\d+$/, "");
