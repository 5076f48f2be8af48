/** The way from a client's connection to Bun's WebSocket server and back, by raw bytes. */
import { expect, test } from "bun:test";
import type { ReceivedRequest } from "../../src/http/request.ts";
import type { ExecWebSocket } from "../../src/shared/execution.ts";
import { answer, Client, get, open, post } from "./client.ts";

type Peer = Parameters<ExecWebSocket["attach"]>[0];

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const HANDSHAKE = [
  "Connection: keep-alive, Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${KEY}`,
];
const handshake = get("/", ...HANDSHAKE);

/** A text or binary message as a client sends it: masked, with a mask of zeros. */
function frame(payload: Uint8Array, opcode = 2): Buffer {
  const length = Buffer.alloc(10);
  length[0] = 0x80 | opcode;
  length[1] = 0x80 | 127;
  length.writeBigUInt64BE(BigInt(payload.length), 2);
  if (payload.length > 65_535) return Buffer.concat([length, Buffer.alloc(4), payload]);
  const short =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([short, Buffer.alloc(4), payload]);
}

interface Script {
  socket: ExecWebSocket;
  messages: (string | Uint8Array)[];
  peer: Promise<Peer>;
  closed: Promise<number>;
}

function script(
  onMessage: (peer: Peer, data: string | Uint8Array) => void = () => undefined,
): Script {
  const peer = Promise.withResolvers<Peer>();
  const closed = Promise.withResolvers<number>();
  const messages: (string | Uint8Array)[] = [];
  let attached: Peer | undefined;
  return {
    messages,
    peer: peer.promise,
    closed: closed.promise,
    socket: {
      protocol: "",
      attach: (given) => {
        attached = given;
        peer.resolve(given);
      },
      message: (data) => {
        messages.push(data);
        if (attached !== undefined) onMessage(attached, data);
      },
      close: (code) => closed.resolve(code),
    },
  };
}

const accepting = (socket: ExecWebSocket) => (request: ReceivedRequest) =>
  request.upgrade(socket, []) ? undefined : answer("refused");

test("messages sent right behind the handshake arrive, in whatever pieces both come", async () => {
  for (const size of [1, 7, 1_000]) {
    const { socket, closed, messages } = script((peer, data) => peer.send(data));
    await using server = open(accepting(socket));
    using client = new Client(server.port);
    const bytes = Buffer.concat([
      Buffer.from(handshake),
      frame(Buffer.from("one"), 1),
      frame(Buffer.from("two"), 1),
    ]);
    for (let at = 0; at < bytes.length; at += size) {
      client.socket.write(bytes.subarray(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until((so) => so.endsWith("\u0081\u0003one\u0081\u0003two"));
    expect(client.text).toStartWith("HTTP/1.1 101 ");
    expect(client.text).toContain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect(messages).toEqual(["one", "two"]);
    client.socket.destroy();
    expect(await closed).toBe(1006);
  }
});

test("answers to what was pipelined before the handshake come before it", async () => {
  const { socket } = script();
  await using server = open((request) =>
    request.target?.path === "/first" ? answer("first") : accepting(socket)(request),
  );
  using client = new Client(server.port, get("/first") + handshake);
  await client.until((so) => so.includes(" 101 "));
  expect(client.text).toMatch(/^HTTP\/1\.1 200 OK[^]*firstHTTP\/1\.1 101 /);
});

test.each([
  ["another method", post(0, ...HANDSHAKE)],
  ["a body", `${get("/", ...HANDSHAKE, "Content-Length: 3")}abc`],
  ["a version of the protocol that is not 13", handshake.replace(": 13", ": 8")],
  ["a key that is none", handshake.replace(KEY, "short")],
  ["HTTP/1.0", handshake.replace("HTTP/1.1", "HTTP/1.0")],
  ["no Connection: upgrade", handshake.replace("keep-alive, Upgrade", "keep-alive")],
])("%s is no handshake", async (_, bytes) => {
  const { socket } = script();
  await using server = open(accepting(socket));
  using client = new Client(server.port, bytes);
  await client.until((so) => so.endsWith("refused"));
  expect(client.text).toStartWith("HTTP/1.1 200 ");
});

test("messages of megabytes go both ways, and wait for a client that does not read", async () => {
  const size = 4 * 1024 * 1024;
  const large = new Uint8Array(size).fill(65);
  const { socket, messages } = script((peer) => peer.send(large));
  await using server = open(accepting(socket));
  using client = new Client(server.port, handshake);
  await client.until((so) => so.includes("\r\n\r\n"));
  client.socket.pause();
  client.socket.write(frame(large));
  client.socket.write(frame(large));
  while (messages.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(messages.map((message) => message.length)).toEqual([size, size]);
  client.socket.resume();
  await client.until((so) => so.length > 2 * size);
}, 20_000);

test("a client that vanishes before it is connected, or after, ends the script's socket once", async () => {
  for (const isLate of [false, true]) {
    const { socket, peer, closed } = script();
    const asked = Promise.withResolvers<void>();
    await using server = open((request) => {
      asked.resolve();
      return accepting(socket)(request);
    });
    using client = new Client(server.port, handshake);
    await (isLate ? peer : asked.promise);
    client.socket.resetAndDestroy();
    expect(await closed).toBe(1006);
  }
});

test("a script that closes has its code sent, and the connection ends", async () => {
  const { socket, peer, closed } = script();
  await using server = open(accepting(socket));
  using client = new Client(server.port, handshake);
  (await peer).close(4_000, "told to");
  await client.until((so) => so.includes("told to"));
  client.socket.write(frame(Buffer.from([0x0f, 0xa0]), 8));
  await client.closed;
  expect(await closed).toBe(4_000);
});

test("stopping tells clients that the server is going away, and waits for no bound then", async () => {
  const { socket, closed, peer } = script();
  const server = open(accepting(socket));
  const client = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  const told = new Promise<CloseEvent>((resolve) => client.addEventListener("close", resolve));
  await peer;
  const began = performance.now();
  await server.stop(60_000);
  expect(performance.now() - began).toBeLessThan(30_000);
  const { code, reason } = await told;
  expect([code, reason]).toEqual([1001, "The server is stopping"]);
  expect(await closed).toBe(1001);
}, 20_000);

test("stopping has its bound for a client that does not answer", async () => {
  const { socket, peer, closed } = script();
  const server = open(accepting(socket));
  using client = new Client(server.port, handshake);
  await peer;
  await server.stop(50);
  await client.closed;
  expect([1001, 1006]).toContain(await closed);
});

test("a hundred sockets give back all that they held", async () => {
  const scripts: Script[] = [];
  await using server = open((request) => {
    const one = script();
    scripts.push(one);
    return accepting(one.socket)(request);
  });
  const clients = Array.from({ length: 100 }, () => new Client(server.port, handshake));
  await Promise.all(clients.map((client) => client.until((so) => so.includes(" 101 "))));
  for (const client of clients) client.socket.destroy();
  expect(await Promise.all(scripts.map(({ closed }) => closed))).toEqual(Array(100).fill(1006));
  await server.stop(1_000);
});
