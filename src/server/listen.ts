/** The listeners: reserved paths go to the platform's Hono app, everything else to the data plane. */
import { serveHttp } from "../http/server.ts";
import type { DataPlane } from "../orchestrator/data-plane.ts";
import type { ProxyTrust } from "../orchestrator/http/forwarded.ts";
import { readOrigin } from "../orchestrator/http/origin.ts";
import { problemAnswer } from "../orchestrator/http/problems.ts";
import { EXECUTE_PREFIX } from "../orchestrator/http/target.ts";
import type { BindAddress } from "../shared/config/parsers.ts";
import type { Answer, ClientRequest } from "../shared/http.ts";
import { newId } from "../shared/ids.ts";
import { requestHost } from "../shared/routing/host.ts";
import { isReservedPath } from "../shared/routing/reserved-paths.ts";
import { asAnswer, asRequest } from "./http/fetch-adapter.ts";
import type { RequestSource } from "./http/platform.ts";

interface Platform {
  fetch(request: Request, source: RequestSource): Response | Promise<Response>;
}

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
  /** Of this listener, where several share the process's descriptors. */
  connectionsMax?: number;
  /** A fault of ours, whose client learns only that there is one. */
  onError?(error: unknown): void;
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
  const { platform, dataPlane, trust, bind } = options;
  const own = (request: ClientRequest): Answer | Promise<Answer> =>
    answer(platform, trust, request);
  const server = serveHttp({
    ...bind,
    idleTimeoutSeconds: options.idleTimeoutSeconds,
    bodyBytesMax: options.bodyBytesMax,
    ...(options.connectionsMax === undefined ? {} : { connectionsMax: options.connectionsMax }),
    ...(options.onError === undefined ? {} : { onError: options.onError }),
    handler:
      dataPlane === null
        ? own
        : // Not through Hono: its router and context cost as much as the whole lookup that follows.
          (request) => (isPlatformPath(request) ? own(request) : dataPlane.handle(request)),
  });
  return {
    url: `http://${hostText(bind.hostname)}:${server.port}`,
    stop: (graceMs) => server.stop(graceMs),
  };
}

async function answer(
  platform: Platform,
  trust: ProxyTrust,
  request: ClientRequest,
): Promise<Answer> {
  const asked = asRequest(request);
  // RFC 9112, 3.2: one Host header; two come joined. One with a path in it would make another URL of the target.
  const isHost = requestHost(request.headers.get("host") ?? "") !== undefined;
  if (!isHost || asked === undefined)
    return problemAnswer(isHost ? "invalid_target" : "invalid_host", newId());
  const { host, remoteAddr } = readOrigin(request, trust);
  return asAnswer(await platform.fetch(asked, { address: remoteAddr.hostname, host }));
}

function isPlatformPath({ target }: ClientRequest): boolean {
  return (
    target !== undefined && isReservedPath(target.path) && !target.path.startsWith(EXECUTE_PREFIX)
  );
}

const hostText = (hostname: string): string =>
  hostname.includes(":") ? `[${hostname}]` : hostname;
