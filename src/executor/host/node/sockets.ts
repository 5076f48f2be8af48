/** Deno.connect, connectTls and resolveDns: raw connections, to checked addresses only. */
import { promises as dns } from "node:dns";
import type net from "node:net";
import tls from "node:tls";
import { allowedAddresses, openAny, policyOf } from "../egress/connect.ts";
import { countSubrequest } from "../fetch.ts";
import { defaultPorts, type EgressPorts } from "../egress/ports.ts";
import {
  type HostContext,
  HostError,
  type HostOperations,
  type HostValue,
} from "../host-function.ts";

const OPEN_MAX = 32;

interface Sockets {
  next: number;
  open: Map<string, net.Socket>;
}

function socketsOf(context: HostContext): Sockets {
  const known = context.state.get("node.sockets") as Sockets | undefined;
  if (known !== undefined) return known;
  const sockets: Sockets = { next: 1, open: new Map() };
  context.state.set("node.sockets", sockets);
  context.onDispose(() => {
    for (const socket of sockets.open.values()) socket.destroy();
    sockets.open.clear();
  });
  return sockets;
}

async function open(
  ports: EgressPorts,
  context: HostContext,
  host: string,
  port: number,
  secure: boolean,
): Promise<string> {
  if (context.evaluating)
    throw new HostError(
      "Error",
      "Deno.connect is not available while the module is evaluated: connect inside the handler",
      "NotSupported",
    );
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new HostError("TypeError", "The port must be an integer from 1 to 65535");
  const sockets = socketsOf(context);
  countSubrequest(context);
  if (sockets.open.size >= OPEN_MAX)
    throw new HostError(
      "Error",
      `More than ${OPEN_MAX} connections are open: close some first`,
      "Busy",
    );
  const name = host.toLowerCase();
  const answer = await ports.route(
    context,
    name,
    `${secure ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${port}/`,
  );
  const addresses = await allowedAddresses(ports, policyOf(answer), name);
  const socket = await openAny(ports, { host: name, port, secure }, addresses);
  const id = String(sockets.next++);
  sockets.open.set(id, socket);
  socket.setTimeout(context.script.limits.stream_idle_ms, () =>
    socket.destroy(new Error("the connection was idle for too long")),
  );
  socket.on("error", () => undefined);
  return id;
}

function socketAt(context: HostContext, id: HostValue): net.Socket {
  const socket = socketsOf(context).open.get(String(id));
  if (socket === undefined) throw new HostError("Error", "The connection is closed", "BadResource");
  return socket;
}

/** The next bytes; null at the end. */
function read(socket: net.Socket): Promise<Uint8Array | null> {
  const ready = socket.read() as Buffer | null;
  if (ready !== null) return Promise.resolve(ready);
  if (socket.readableEnded || socket.destroyed) return Promise.resolve(null);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
  const settle = (error?: Error | null): void => {
    for (const event of ["readable", "end", "close"]) socket.off(event, look);
    socket.off("error", settle);
    if (error instanceof Error)
      reject(new HostError("Error", `The connection failed: ${error.message}`, "ConnectionReset"));
  };
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null && !socket.readableEnded && !socket.destroyed) return;
    settle();
    resolve(chunk);
  };
  for (const event of ["readable", "end", "close"]) socket.on(event, look);
  socket.on("error", settle);
  return promise;
}

function write(socket: net.Socket, bytes: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.write(bytes, (error) => {
    if (error === null || error === undefined) resolve();
    else reject(new HostError("Error", `The connection failed: ${error.message}`, "BrokenPipe"));
  });
  return promise;
}

/** Speaks TLS from here on, over a connection that was opened without. */
function startTls(context: HostContext, id: string, host: string): Promise<void> {
  const sockets = socketsOf(context);
  const socket = socketAt(context, id);
  const named = /[^\d.:]/.test(host);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const secure = tls.connect({ socket, ...(named ? { servername: host } : {}) });
  secure.once("secureConnect", () => {
    secure.removeAllListeners("error");
    secure.on("error", () => undefined);
    sockets.open.set(id, secure);
    resolve();
  });
  secure.once("error", (error) =>
    reject(new HostError("Error", `TLS with ${host} failed: ${error.message}`, "InvalidData")),
  );
  return promise;
}

function close(context: HostContext, id: string, half: boolean): void {
  const socket = socketsOf(context).open.get(id);
  socket?.end();
  if (half) return;
  socket?.destroySoon();
  socketsOf(context).open.delete(id);
}

const dotted = (name: string): string => (name.endsWith(".") ? name : `${name}.`);

const RECORDS: Readonly<Record<string, (name: string) => Promise<unknown[]>>> = {
  A: (name) => dns.resolve4(name),
  AAAA: (name) => dns.resolve6(name),
  CNAME: async (name) => (await dns.resolveCname(name)).map(dotted),
  NS: async (name) => (await dns.resolveNs(name)).map(dotted),
  PTR: async (name) => (await dns.resolvePtr(name)).map(dotted),
  MX: async (name) =>
    (await dns.resolveMx(name)).map(({ priority, exchange }) => ({
      preference: priority,
      exchange: dotted(exchange),
    })),
  SRV: async (name) =>
    (await dns.resolveSrv(name)).map(({ name: target, ...rest }) => ({
      ...rest,
      target: dotted(target),
    })),
  TXT: (name) => dns.resolveTxt(name),
  CAA: async (name) =>
    (await dns.resolveCaa(name)).map(({ critical, ...rest }) => {
      const [tag, value] = Object.entries(rest).find(([, text]) => text !== undefined) ?? [];
      return { critical: critical > 0, tag, value };
    }),
  SOA: async (name) => {
    const { nsname, hostmaster, serial, refresh, retry, expire, minttl } =
      await dns.resolveSoa(name);
    return [
      {
        mname: dotted(nsname),
        rname: dotted(hostmaster),
        serial,
        refresh,
        retry,
        expire,
        minimum: minttl,
      },
    ];
  },
};

async function resolveRecords(name: string, type: string): Promise<string> {
  const resolve = Object.hasOwn(RECORDS, type) ? RECORDS[type] : undefined;
  if (resolve === undefined)
    throw new HostError("TypeError", `Records of type ${type} cannot be resolved`);
  try {
    return JSON.stringify(await resolve(name));
  } catch (error) {
    const { code } = error as { code?: string };
    throw new HostError(
      "Error",
      `No ${type} records of ${name}: ${code ?? "the resolver failed"}`,
      code === "ETIMEOUT" ? "TimedOut" : "NotFound",
    );
  }
}

/** `ports` says how names resolve and which policy holds; tests give their own. */
export const makeSocketOperations = (ports: EgressPorts = defaultPorts): HostOperations => ({
  "tcp.open": (context, host, port, secure) =>
    open(ports, context, String(host), Number(port), secure === true),
  "tcp.read": async (context, id) => read(socketAt(context, id)),
  "tcp.write": async (context, id, bytes) => {
    await write(socketAt(context, id), bytes as Uint8Array);
    return undefined;
  },
  "tcp.close": async (context, id, half) => {
    close(context, String(id), half === true);
    return undefined;
  },
  "tcp.startTls": async (context, id, host) => {
    await startTls(context, String(id), String(host));
    return undefined;
  },
  "dns.resolve": async (context, name, type) => {
    countSubrequest(context);
    return resolveRecords(String(name), String(type));
  },
});
