/** The listeners: reserved paths go to the platform's Hono app, everything else to the data plane. */
import type { DataPlane } from "../orchestrator/data-plane.ts";
import { EXECUTE_PREFIX } from "../orchestrator/http/target.ts";
import type { ProxyTrust } from "../orchestrator/http/forwarded.ts";
import { readOrigin } from "../orchestrator/http/origin.ts";
import { problemResponse } from "../orchestrator/http/problems.ts";
import type { ScriptSocketData } from "../orchestrator/http/websocket.ts";
import type { BindAddress } from "../shared/config/parsers.ts";
import { newId } from "../shared/ids.ts";
import { isReservedPath } from "../shared/routing/reserved-paths.ts";
import type { RequestSource } from "./http/platform.ts";

interface Platform {
  fetch(request: Request, source: RequestSource): Response | Promise<Response>;
}

/** For one call of the control plane; the most that Bun counts. */
const WORK_SECONDS_MAX = 255;

export interface ListenOptions {
  bind: BindAddress;
  /** The variable that the address comes from. */
  setting: string;
  platform: Platform;
  /** Whose forwarding headers count. */
  trust: ProxyTrust;
  /** Absent on a listener of the control plane's own. */
  dataPlane: DataPlane | null;
  idleTimeoutSeconds: number;
  /** Bodies past this are refused by the server itself; the limits of scripts and endpoints are lower. */
  bodyBytesMax: number;
}

export interface Listener {
  url: string;
  /** Takes no new connection, lets running requests end within the bound, then cuts the rest. */
  stop(graceMs: number): Promise<void>;
}

/** @throws Error naming the setting when the address cannot be had */
export function listen(options: ListenOptions): Listener {
  try {
    return open(options);
  } catch (cause) {
    const { setting, bind } = options;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot listen on ${hostText(bind.hostname)}:${bind.port}: ${reason}. Set ${setting} to an address that is free`,
      { cause },
    );
  }
}

function open(options: ListenOptions): Listener {
  const { platform, dataPlane, trust } = options;
  const shared = {
    hostname: options.bind.hostname,
    port: options.bind.port,
    idleTimeout: options.idleTimeoutSeconds,
    maxRequestBodySize: options.bodyBytesMax,
    development: false,
  } as const;
  const own = (request: Request, bunServer: Bun.Server<unknown>): Response | Promise<Response> => {
    if (hasTwoHosts(request)) return problemResponse("invalid_host", newId());
    const { host, remoteAddr } = readOrigin(request, bunServer, trust);
    // Hono answers HEAD without a body, and Bun would say that its length is 0; with one it counts and sends none.
    const asked = request.method === "HEAD" ? new Request(request, { method: "GET" }) : request;
    const answer = platform.fetch(asked, { address: remoteAddr.hostname, host });
    if (!(answer instanceof Promise)) return answer;
    // Bun's idle timeout would run on through a slow upload. The control plane has bounds of its own.
    bunServer.timeout(request, WORK_SECONDS_MAX);
    return answer.finally(() => bunServer.timeout(request, options.idleTimeoutSeconds));
  };
  const server =
    dataPlane === null
      ? Bun.serve({ ...shared, fetch: own })
      : Bun.serve<ScriptSocketData>({
          ...shared,
          websocket: dataPlane.websocket,
          // Not through Hono: its router and context cost as much as the whole lookup that follows.
          fetch: (request, bunServer) =>
            isPlatformPath(request.url)
              ? own(request, bunServer)
              : dataPlane.handle(request, bunServer),
        });
  return {
    url: `http://${hostText(options.bind.hostname)}:${server.port}`,
    stop: (graceMs) => stop(server, graceMs),
  };
}

/** Bun joins repeated headers by a comma, which stands in no host. RFC 9112, 3.2 asks for 400. */
const hasTwoHosts = (request: Request): boolean =>
  request.headers.get("host")?.includes(",") === true;

/** `url` is absolute; the path ends where the query begins. */
function isPlatformPath(url: string): boolean {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start < 0) return false;
  const query = url.indexOf("?", start);
  const path = query < 0 ? url.slice(start) : url.slice(start, query);
  return isReservedPath(path) && !path.startsWith(EXECUTE_PREFIX);
}

const hostText = (hostname: string): string =>
  hostname.includes(":") ? `[${hostname}]` : hostname;

interface Stoppable {
  stop(closeActiveConnections?: boolean): Promise<void>;
}

async function stop(server: Stoppable, graceMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, graceMs);
  await Promise.race([server.stop(), late]);
  clearTimeout(timer);
  await server.stop(true);
}
