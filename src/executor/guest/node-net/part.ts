/** node:net, node:tls and node:dns: addresses are told apart here, connections go by Deno.connect. */
import { defineModule, definePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { isIP, isIPv4, isIPv6 } from "./addresses.ts";
import { connectEdge } from "./cloudflare.ts";
import { connect, connectTls, socketClass } from "./socket.ts";

type Callback = (error: unknown, ...values: unknown[]) => void;

/** Callable and constructible, so that packages which extend it load. */
function absent(module: string, name: string, instead: string): () => never {
  const refuse = function (): never {
    throw nodeError(
      Error,
      "ERR_METHOD_NOT_IMPLEMENTED",
      `node:${module} ${name} is not available in PiCloud: ${instead}`,
    );
  };
  return Object.defineProperty(refuse, "name", { value: name });
}
const table = (module: string, names: string, instead: string): Record<string, unknown> =>
  Object.fromEntries(names.split(" ").map((name) => [name, absent(module, name, instead)]));

const net = {
  isIP,
  isIPv4,
  isIPv6: (text: unknown) => isIPv6(String(text)),
  ...table("net", "createServer Server BlockList SocketAddress", "use Deno.serve"),
  connect,
  createConnection: connect,
  get Socket() {
    return socketClass();
  },
  get Stream() {
    return socketClass();
  },
  getDefaultAutoSelectFamily: () => true,
  setDefaultAutoSelectFamily: () => undefined,
};

const tls = {
  connect: connectTls,
  get TLSSocket() {
    return socketClass();
  },
  createSecureContext: () => ({}),
  getCiphers: () => [],
  ...table("tls", "createServer Server", "use Deno.serve"),
  checkServerIdentity: () => undefined,
  rootCertificates: [],
  DEFAULT_MIN_VERSION: "TLSv1.2",
  DEFAULT_MAX_VERSION: "TLSv1.3",
};

interface Resolver {
  resolveDns(name: string, type: string): Promise<unknown[]>;
}
const resolve = (name: string, type = "A"): Promise<unknown[]> =>
  (globalThis as unknown as { Deno: Resolver }).Deno.resolveDns(name, type);

interface LookupOptions {
  family?: number;
  all?: boolean;
}
async function lookup(name: string, given: LookupOptions | number = {}): Promise<unknown> {
  const options = typeof given === "number" ? { family: given } : given;
  const family = isIP(name);
  const found =
    family === 0
      ? (await resolve(name, options.family === 6 ? "AAAA" : "A")).map((address) => ({
          address: String(address),
          family: options.family === 6 ? 6 : 4,
        }))
      : [{ address: name, family }];
  if (found.length === 0)
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
      code: "ENOTFOUND",
      hostname: name,
      syscall: "getaddrinfo",
    });
  return options.all === true ? found : found[0];
}

const TYPES = {
  resolve4: "A",
  resolve6: "AAAA",
  resolveCname: "CNAME",
  resolveMx: "MX",
  resolveNs: "NS",
  resolvePtr: "PTR",
  resolveSrv: "SRV",
  resolveTxt: "TXT",
  resolveSoa: "SOA",
  resolveCaa: "CAA",
} as const;
const promises: Record<string, (...args: never[]) => Promise<unknown>> = { resolve, lookup };
for (const [name, type] of Object.entries(TYPES))
  promises[name] = (host: string) => resolve(host, type);

const dns: Record<string, unknown> = {
  promises,
  getServers: () => [],
  setServers: () => undefined,
  setDefaultResultOrder: () => undefined,
  getDefaultResultOrder: () => "verbatim",
  NOTFOUND: "ENOTFOUND",
};
for (const [name, work] of Object.entries(promises)) {
  dns[name] = (...args: unknown[]) => {
    const callback = args.pop() as Callback;
    work(...(args as never[])).then((value) => {
      if (name !== "lookup" || Array.isArray(value)) return callback(null, value);
      const { address, family } = value as { address: string; family: number };
      return callback(null, address, family);
    }, callback);
  };
}

definePart("node-net", {});
defineModule("node:net", () => net);
defineModule("node:tls", () => tls);
defineModule("node:dns", () => dns);
defineModule("node:dns/promises", () => promises);
defineModule("cloudflare:sockets", () => ({ connect: connectEdge }));
