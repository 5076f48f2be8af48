/**
 * Which hosts the control plane and the dashboard answer on. Without a public base URL there is one
 * owner and every host may reach them; once it is set, a tenant's domain never shows them. Address
 * literals stay, for an operator whose DNS is not there yet, unless an app was given that very address.
 */
import { isIP } from "node:net";
import { requestHost } from "../../shared/routing/host.ts";

/** Takes a host with or without its port. */
export type HostCheck = (host: string) => boolean;

/** @param isClaimed whether an app owns the host */
export function platformHostCheck(publicBaseUrl: string | null, isClaimed: HostCheck): HostCheck {
  if (publicBaseUrl === null) return () => true;
  const own = requestHost(new URL(publicBaseUrl).host);
  return (host) => {
    const name = requestHost(host);
    if (name === undefined) return false;
    return name === own || (isIP(name.replace(/^\[|\]$/g, "")) !== 0 && !isClaimed(name));
  };
}
