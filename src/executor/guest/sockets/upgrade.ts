/** Deno.upgradeWebSocket: the response says 101, and the socket lives on with the request. */
import type { Core } from "../core/part.ts";
import { toDictionary } from "../events/idl.ts";
import { kernel } from "../bridge.ts";
import { usePart } from "../registry.ts";
import { dropSocket, serverSocket, type WebSocket } from "./websocket.ts";

interface DenoPart {
  complete(): { errors: { Http: new (message: string) => Error } };
}

const items = (value: string | null): string[] =>
  (value ?? "").split(",").map((item) => item.trim());

const upgraded = new WeakSet<object>();

function alreadyUpgraded(): Error {
  const { errors } = usePart<DenoPart>("deno").complete();
  return new errors.Http("Already upgraded: a request becomes one WebSocket");
}

export function upgradeWebSocket(
  request: unknown,
  options: unknown = undefined,
): { socket: WebSocket; response: object } {
  const core = usePart<Core>("core");
  if (!core.request.isRequest(request))
    throw new TypeError("Deno.upgradeWebSocket needs the request that is served");
  const { headers } = request;
  if (upgraded.has(request)) throw alreadyUpgraded();
  const has = (name: string, value: string): boolean =>
    items(headers.get(name)).some((item) => item.toLowerCase() === value);
  if (!has("upgrade", "websocket"))
    throw new TypeError("Invalid Header: 'upgrade' header must contain 'websocket'");
  if (!has("connection", "upgrade"))
    throw new TypeError("Invalid Header: 'connection' header must contain 'Upgrade'");
  const exchange = core.exchangeOf(kernel.currentRequest);
  if (exchange === undefined)
    throw new TypeError("A request can only be upgraded while it is served");
  const { protocol: wanted } = toDictionary(options, "The upgrade's options");
  const protocol = wanted === undefined ? "" : `${wanted as string}`;
  if (protocol !== "" && !items(headers.get("sec-websocket-protocol")).includes(protocol)) {
    throw new TypeError(
      `Protocol '${protocol}' not in the request's protocol list (non negotiable)`,
    );
  }
  let ended: () => void = () => undefined;
  const life = new Promise<void>((resolve) => {
    ended = resolve;
  });
  core.waitUntil(exchange, life);
  upgraded.add(request);
  const socket = serverSocket({ id: -exchange.id, protocol, onClosed: ended });
  exchange.dropSocket = () => dropSocket(socket);
  const list = ["upgrade", "websocket", "connection", "Upgrade"];
  if (protocol !== "") list.push("sec-websocket-protocol", protocol);
  const response = core.response.makeResponse({
    status: 101,
    statusText: "Switching Protocols",
    list,
    guard: "immutable",
  });
  return { socket, response };
}
