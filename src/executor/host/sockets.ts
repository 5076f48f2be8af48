/** WebSockets of scripts: clients through the egress policy, and the server side of an upgraded request. */
import { instanceOf } from "../engine/instance.ts";
import { isBadPort } from "./egress/bad-ports.ts";
import { policyOf } from "./egress/connect.ts";
import { defaultPorts, type EgressPorts } from "./egress/ports.ts";
import { WebSocketConnection } from "./egress/websocket/client.ts";
import { countSubrequest } from "./fetch.ts";
import {
  type HostContext,
  HostError,
  type HostOperations,
  type HostValue,
} from "./host-function.ts";
import { percentDecode } from "./urls.ts";

const MB = 1024 * 1024;

interface OpenMessage {
  url: string;
  protocols: string[];
  headers: string[];
}

interface Sockets {
  next: number;
  open: Map<number, WebSocketConnection>;
}

function socketsOf(context: HostContext): Sockets {
  const known = context.state.get("sockets") as Sockets | undefined;
  if (known !== undefined) return known;
  const sockets: Sockets = { next: 1, open: new Map() };
  context.state.set("sockets", sockets);
  context.onDispose(() => {
    for (const socket of sockets.open.values()) socket.destroy();
    sockets.open.clear();
  });
  return sockets;
}

function open(context: HostContext, ports: EgressPorts, json: string): number {
  const { url: href, protocols, headers } = JSON.parse(json) as OpenMessage;
  const url = new URL(href);
  const secure = url.protocol === "wss:";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  countSubrequest(context);
  const sockets = socketsOf(context);
  const id = sockets.next++;
  const emit = (kind: string, ...args: HostValue[]): void =>
    context.emit("socket", id, kind, ...args);
  if (isBadPort(port)) {
    queueMicrotask(() => emit("close", 1006, `The port ${port} is blocked`, false));
    return id;
  }
  const connection = new WebSocketConnection(
    {
      open: (protocol) => emit("open", protocol),
      message: (data) => emit("message", data),
      close: (code, reason, clean) => {
        sockets.open.delete(id);
        emit("close", code, reason, clean);
      },
    },
    context.script.limits.response_mb * MB,
  );
  sockets.open.set(id, connection);
  const policy = async () => {
    const route = await ports.route(context, url.hostname, href);
    if (route.kind === "internal") {
      throw new HostError(
        "NetworkError",
        `${url.hostname} is a host of this platform, where a WebSocket client cannot go`,
      );
    }
    return policyOf(route);
  };
  void connection.run(ports, policy, {
    destination: { host: url.hostname, port, secure },
    authority: url.host,
    target: `${url.pathname}${url.search}`,
    protocols,
    headers: [...authorization(url, headers), ...headers],
  });
  return id;
}

/** Credentials of the URL, unless the script gives its own. */
function authorization({ username, password }: URL, given: readonly string[]): string[] {
  if (username === "" && password === "") return [];
  if (given.some((name, index) => index % 2 === 0 && name === "authorization")) return [];
  const pair = `${percentDecode(username)}:${percentDecode(password)}`;
  return ["authorization", `Basic ${Buffer.from(pair).toString("base64")}`];
}

/** The peer of a request that was upgraded; the socket's id is the request's with a minus. */
const serverPort = (context: HostContext, id: number) => instanceOf(context).execution(-id)?.port;

const kept = (data: HostValue): string | Uint8Array =>
  data instanceof Uint8Array ? data.slice() : String(data);

export function createSocketOperations(ports: EgressPorts): HostOperations {
  return {
    /** (json) -> id of a client socket. What happens to it comes as "socket" events (id, kind, ...). */
    "socket.open": (context, json) => open(context, ports, json as string),
    /** (id, data). */
    "socket.send": (context, id, data) => {
      if (Number(id) < 0) serverPort(context, Number(id))?.socketSend(kept(data));
      else socketsOf(context).open.get(Number(id))?.send(kept(data));
      return undefined;
    },
    /** (id) -> bytes that the network has not taken yet. */
    "socket.buffered": (context, id) => socketsOf(context).open.get(Number(id))?.buffered ?? 0,
    /** (id, code or 1005, reason). */
    "socket.close": (context, id, code, reason) => {
      if (Number(id) < 0)
        serverPort(context, Number(id))?.socketClose(Number(code), String(reason));
      else socketsOf(context).open.get(Number(id))?.close(Number(code), String(reason));
      return undefined;
    },
  };
}

export const socketOperations = createSocketOperations(defaultPorts);
