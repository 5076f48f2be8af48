/**
 * Which hosts the control plane and the dashboard answer on. Without a public base URL there is one
 * owner and every host may reach them; once it is set, a tenant's domain never shows them. Address
 * literals stay: no tenant can claim one.
 */
import { isIP } from "node:net";

export type HostCheck = (request: Request) => boolean;

export function platformHostCheck(publicBaseUrl: string | null): HostCheck {
  if (publicBaseUrl === null) return () => true;
  const own = new URL(publicBaseUrl).host.toLowerCase();
  return (request) => {
    const host = new URL(request.url).host.toLowerCase();
    return host === own || isAddress(host);
  };
}

function isAddress(host: string): boolean {
  const name = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : (host.split(":")[0] ?? "");
  return isIP(name) !== 0;
}
