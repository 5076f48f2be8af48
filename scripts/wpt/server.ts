/** Serves a checkout as its own server would, as far as tests without a browser need it. */
import { join, normalize } from "node:path";
import type { Call } from "./call.ts";
import { endpointFor } from "./endpoints.ts";
import { isSocketRequest, socketHandlers, upgradeSocket } from "./sockets.ts";
import { isTemplate, substitute, type Origins } from "./template.ts";

export interface TestServer {
  origins: Origins;
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  txt: "text/plain",
  js: "text/javascript",
  html: "text/html",
  wasm: "application/wasm",
  idl: "text/plain",
  event_stream: "text/event-stream",
};

/** `Name: value` lines of the file with the same name and `.headers`. */
async function headersBeside(file: string): Promise<[string, string][]> {
  const beside = Bun.file(`${file}.headers`);
  if (!(await beside.exists())) return [];
  const lines = (await beside.text()).split("\n").map((line) => line.split(/:\s*(.*)/s));
  return lines.flatMap(([name = "", value]) => (value === undefined ? [] : [[name, value.trim()]]));
}

async function serveFile(checkout: string, url: URL, origins: Origins): Promise<Response> {
  const path = join(checkout, normalize(decodeURIComponent(url.pathname)));
  const file = Bun.file(path);
  if (!(await file.exists())) return new Response("No such file", { status: 404 });
  const headers = new Headers({
    "content-type": TYPES[path.split(".").at(-1) ?? ""] ?? "application/octet-stream",
  });
  for (const [name, value] of await headersBeside(path)) headers.set(name, value);
  const body = isTemplate(url.href)
    ? substitute(await file.text(), origins, url.searchParams)
    : await file.bytes();
  return new Response(body, { headers });
}

export function startServer(checkout: string): TestServer {
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const endpoint = endpointFor(url.pathname);
    if (endpoint === undefined) return serveFile(checkout, url, origins);
    const call: Call = { request, url, query: url.searchParams, body: await request.bytes() };
    return endpoint(call);
  };
  const options = {
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    websocket: socketHandlers,
  };
  const serve = () =>
    Bun.serve({
      ...options,
      fetch: (request, server) =>
        (isSocketRequest(request)
          ? upgradeSocket(request, new URL(request.url), server)
          : answer(request)
        ).catch((error: unknown) => new Response(String(error), { status: 500 })),
    });
  const servers = [serve(), serve()] as const;
  const ports = [servers[0].port ?? 0, servers[1].port ?? 0] as const;
  const origins: Origins = { main: `http://localhost:${ports[0]}`, ports };
  return {
    origins,
    async stop() {
      await Promise.all(servers.map((server) => server.stop(true)));
    },
  };
}
