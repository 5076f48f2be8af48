/** The control plane's listener with clients that are slow. */
import { connect } from "node:net";
import { expect, test } from "bun:test";
import { ProxyTrust } from "../../src/orchestrator/http/forwarded.ts";
import { listen } from "../../src/server/listen.ts";

const IDLE_SECONDS = 1;
const PIECE = "a".repeat(1_000);
const PIECES = 12;
const PIECE_MS = 500;

const open = () =>
  listen({
    bind: { hostname: "127.0.0.1", port: 0 },
    setting: "PICLOUD_BIND",
    platform: { fetch: async (request) => new Response(`read ${(await request.text()).length}`) },
    trust: new ProxyTrust([]),
    dataPlane: null,
    idleTimeoutSeconds: IDLE_SECONDS,
    bodyBytesMax: 1_000_000,
  });

interface Client {
  received(): string;
  closed: Promise<void>;
}

/** Sends a head, and then a piece of the body every half second. */
function upload(url: string, pieces: number): Client {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(
    `POST / HTTP/1.1\r\nHost: x.test\r\nContent-Length: ${PIECES * PIECE.length}\r\n\r\n`,
  );
  let received = "";
  let sent = 0;
  const timer = setInterval(() => {
    if (sent++ < pieces) socket.write(PIECE);
  }, PIECE_MS);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearInterval(timer);
    resolve();
  });
  return { received: () => received, closed };
}

test("an upload is read to its end though it takes longer than an idle connection may, and the connection idles out after it", async () => {
  const listener = open();
  const client = upload(listener.url, PIECES);
  await client.closed;
  expect(client.received()).toContain(`read ${PIECES * PIECE.length}`);
  await listener.stop(0);
}, 30_000);

test.each(["x/admin/y?", "x#", "a@x", "x, y", "", "x y"])(
  "the control plane takes no Host %j: it would be another URL than the target's",
  async (host) => {
    const listener = open();
    const client = connect(Number(new URL(listener.url).port), "127.0.0.1");
    client.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const status = await new Promise<string>((resolve) =>
      client.once("data", (chunk) => resolve(chunk.toString().slice(9, 12))),
    );
    client.destroy();
    await listener.stop(0);
    expect(status).toBe("400");
  },
);
