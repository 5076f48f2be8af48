/** The WebSocket endpoints of the tests, as far as they need no TLS. */

interface Peer {
  name: string;
  query: string;
  referrer: string | null;
  protocol: string;
  queue: Promise<void>;
}

interface Endpoint {
  opened?: (socket: Bun.ServerWebSocket<Peer>) => void;
  message?: (socket: Bun.ServerWebSocket<Peer>, message: string | Buffer<ArrayBuffer>) => void;
  /** What is chosen of the protocols that the client offers. */
  protocol?: (offered: string[]) => string;
  delayMs?: number;
  authorization?: string;
}

const echo: Endpoint["message"] = (socket, message) => {
  socket.send(message);
  if (message === "Goodbye") socket.close(1000);
};

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  echo: { message: echo, protocol: (offered) => (offered.includes("echo") ? "echo" : "") },
  "echo-query": { opened: (socket) => void socket.send(socket.data.query) },
  "echo-cookie": { opened: (socket) => void socket.send("(none)") },
  "empty-message": {
    message: (socket, message) => void socket.send(message === "" ? "pass" : "fail"),
  },
  referrer: {
    opened: (socket) => void socket.send(socket.data.referrer ?? "MISSING AS PER FETCH"),
  },
  protocol: {
    protocol: (offered) => offered[0] ?? "",
    opened: (socket) => void socket.send(socket.data.protocol),
  },
  "receive-many-with-backpressure": {
    message: (socket, message) => {
      socket.data.queue = socket.data.queue.then(async () => {
        await Bun.sleep(100);
        socket.send(String(message.length));
      });
    },
  },
  handshake_protocol: { protocol: () => "foobar" },
  handshake_no_protocol: {},
  handshake_no_extensions: {},
  handshake_sleep_2: { delayMs: 2_000 },
  basic_auth: { authorization: `Basic ${btoa("foo:bar")}` },
};

export const socketHandlers: Bun.WebSocketHandler<Peer> = {
  open: (socket) => ENDPOINTS[socket.data.name]?.opened?.(socket),
  message: (socket, message) => ENDPOINTS[socket.data.name]?.message?.(socket, message),
};

/** Undefined when the request is now a WebSocket's. */
export async function upgradeSocket(
  request: Request,
  url: URL,
  server: Bun.Server<Peer>,
): Promise<Response | undefined> {
  const name = url.pathname.slice(1);
  const endpoint = ENDPOINTS[name];
  if (endpoint === undefined)
    return new Response(`No WebSocket answers for ${name}`, { status: 404 });
  const { authorization, delayMs = 0, protocol: choose } = endpoint;
  if (authorization !== undefined && request.headers.get("authorization") !== authorization)
    return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="test"' } });
  const offered = request.headers.get("sec-websocket-protocol")?.split(/,\s*/) ?? [];
  const protocol = choose?.(offered) ?? "";
  await Bun.sleep(delayMs);
  const upgraded = server.upgrade(request, {
    data: {
      name,
      query: url.search.slice(1),
      referrer: request.headers.get("referer"),
      protocol,
      queue: Promise.resolve(),
    },
    headers: protocol === "" ? {} : { "sec-websocket-protocol": protocol },
  });
  return upgraded ? undefined : new Response("Not a WebSocket's request", { status: 400 });
}

export const isSocketRequest = (request: Request): boolean =>
  request.headers.get("upgrade")?.toLowerCase() === "websocket";
