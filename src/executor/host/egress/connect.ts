/** Connections of scripts: the name is resolved once, the address is checked, and that address is connected to. */
import net from "node:net";
import tls from "node:tls";
import { HostError } from "../host-function.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { decide, NO_RULES, type EgressPolicy } from "./policy.ts";
import type { EgressPorts, RouteAnswer } from "./ports.ts";

export interface Destination {
  /** As in the URL: lower-case, punycode, IPv6 in brackets. */
  host: string;
  port: number;
  secure: boolean;
}

export const policyOf = (answer: RouteAnswer): EgressPolicy => ({
  instance: answer.instance ?? NO_RULES,
  app: answer.app ?? NO_RULES,
});

const withoutDot = (host: string): string => (host.endsWith(".") ? host.slice(0, -1) : host);

/**
 * The addresses of a host that the policy allows. Throws a TypeError that names the policy when any
 * of them is refused: a name that mixes public and private addresses is not to be trusted.
 */
export async function allowedAddresses(
  ports: EgressPorts,
  policy: EgressPolicy,
  host: string,
): Promise<string[]> {
  const name = withoutDot(host);
  const literal = parseAddress(name);
  const texts = literal === undefined ? await resolve(ports, name) : [name];
  const local = ports.localAddresses();
  const allowed: string[] = [];
  for (const text of texts) {
    const bytes = parseAddress(text);
    if (bytes === undefined) continue;
    const plain = formatAddress(bytes);
    const verdict = decide(policy, name, bytes, local.has(plain) || local.has(text));
    if (!verdict.ok) throw new HostError("TypeError", verdict.reason);
    allowed.push(plain);
  }
  if (allowed.length === 0)
    throw new HostError("TypeError", `The host name ${name} has no address`);
  return allowed;
}

async function resolve(ports: EgressPorts, name: string): Promise<string[]> {
  try {
    return await ports.resolve(name);
  } catch {
    throw new HostError("TypeError", `The host name ${name} cannot be resolved`);
  }
}

/** Opens a socket to one checked address. Rejects with a TypeError that says why. */
export function openSocket(
  ports: EgressPorts,
  destination: Destination,
  address: string,
): Promise<net.Socket> {
  const { port, secure } = destination;
  const name = withoutDot(destination.host);
  const { promise, resolve: opened, reject } = Promise.withResolvers<net.Socket>();
  const options = { host: address, port };
  const socket = secure
    ? tls.connect({
        ...options,
        ALPNProtocols: ["http/1.1"],
        // An address in the URL is no server name; the certificate has to name it all the same.
        ...(parseAddress(name) === undefined ? { servername: name } : {}),
        ...(ports.ca === undefined ? {} : { ca: ports.ca }),
      })
    : net.connect(options);
  const timer = setTimeout(() => {
    socket.destroy();
    reject(failure(name, port, "the connection took too long"));
  }, ports.connectTimeoutMs);
  socket.once(secure ? "secureConnect" : "connect", () => {
    clearTimeout(timer);
    socket.removeAllListeners("error");
    socket.setNoDelay(true);
    opened(socket);
  });
  socket.once("error", (error: NodeJS.ErrnoException) => {
    clearTimeout(timer);
    reject(failure(name, port, error.code ?? error.message));
  });
  return promise;
}

const failure = (name: string, port: number, why: string): HostError =>
  new HostError("TypeError", `Connection to ${name}:${port} failed: ${why}`);

/** Tries the addresses in their order. */
export async function openAny(
  ports: EgressPorts,
  destination: Destination,
  addresses: readonly string[],
): Promise<net.Socket> {
  let last: unknown;
  for (const address of addresses.slice(0, 4)) {
    try {
      return await openSocket(ports, destination, address);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
