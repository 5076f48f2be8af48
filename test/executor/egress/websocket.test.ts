import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import net from "node:net";
import { createHash } from "node:crypto";
import { NO_RULES } from "../../../src/executor/host/egress/policy.ts";
import { createSocketOperations } from "../../../src/executor/host/sockets.ts";
import { testPorts } from "../../support/egress-lab.ts";
import { runInGuest } from "../../support/guest-lab.ts";

let server: Bun.Server<undefined>;

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request, self) {
      if (new URL(request.url).pathname === "/refuse") return new Response("no", { status: 403 });
      const credentials = request.headers.get("authorization") ?? "";
      if (new URL(request.url).pathname === "/credentials")
        return self.upgrade(request, {
          headers: { "sec-websocket-protocol": atob(credentials.slice(6)).replace(":", ".") },
        })
          ? undefined
          : new Response("no upgrade", { status: 400 });
      return self.upgrade(request) ? undefined : new Response("no upgrade", { status: 400 });
    },
    websocket: {
      message(socket, message) {
        if (message === "bye") socket.close(3001, "as you like");
        else socket.send(message);
      },
    },
  });
});
afterAll(() => server.stop(true));

const PRELUDE = `
  const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
  const opened = async (url, protocols) => { const ws = new WebSocket(url, protocols); ws.binaryType = "arraybuffer"; await once(ws, "open"); return ws; };
  const closing = (e) => [e.code, e.reason, e.wasClean];`;

async function result(
  script: string,
  ports = testPorts({ "site.example": "127.0.0.1" }),
): Promise<unknown> {
  const code = `${PRELUDE} const BASE = "ws://site.example:${server.port}"; export default (async () => { ${script} })();`;
  const { result: value, error } = await runInGuest(code, {
    operations: createSocketOperations(ports),
  });
  expect(error).toBeNull();
  return value;
}

describe("a WebSocket client", () => {
  test("sends and receives text and bytes of every length encoding", async () => {
    const value = await result(`const ws = await opened(BASE + "/");
      const seen = [ws.readyState, ws.url, ws.protocol, ws.extensions];
      for (const message of ["häh", "", "x".repeat(126), "y".repeat(70000)]) {
        ws.send(message);
        const { data } = await once(ws, "message");
        seen.push(data === message);
      }
      ws.send(new Uint8Array([1, 2, 3]).subarray(1));
      seen.push([...new Uint8Array((await once(ws, "message")).data)]);
      ws.send(new Blob(["blob"]));
      seen.push(new TextDecoder().decode((await once(ws, "message")).data));
      ws.close();
      seen.push(closing(await once(ws, "close")), ws.readyState);
      return seen;`);
    expect(value).toEqual([
      1,
      `ws://site.example:${server.port}/`,
      "",
      "",
      true,
      true,
      true,
      true,
      [2, 3],
      "blob",
      [1005, "", true],
      3,
    ]);
  });

  test("gives bytes as a Blob unless told otherwise", async () => {
    const value =
      await result(`const ws = await opened(BASE); ws.binaryType = "blob"; ws.binaryType = "other";
      ws.send(new Uint8Array([104, 105]));
      const { data } = await once(ws, "message");
      ws.close();
      return [data instanceof Blob, await data.text(), ws.binaryType];`);
    expect(value).toEqual([true, "hi", "blob"]);
  });

  test("is closed by the server with its code and reason", async () => {
    const value = await result(
      `const ws = await opened(BASE); ws.send("bye"); return closing(await once(ws, "close"));`,
    );
    expect(value).toEqual([3001, "as you like", true]);
  });

  test("closes with a code and a reason of its own", async () => {
    const value =
      await result(`const ws = await opened(BASE); ws.close(3500, "done"); const states = [ws.readyState];
      ws.send("late"); const e = await once(ws, "close"); return [states, closing(e), ws.readyState];`);
    expect(value).toEqual([[2], [3500, "done", true], 3]);
  });

  test("fails with an error and a close where the server does not upgrade", async () => {
    const value =
      await result(`const ws = new WebSocket(BASE + "/refuse"); const closed = once(ws, "close");
      return [(await once(ws, "error")).message, closing(await closed)];`);
    expect(value).toEqual([
      "The WebSocket handshake failed: the server answered 403",
      [1006, "", false],
    ]);
  });

  test("fails with an error and a close, and throws nothing, where the port is blocked", async () => {
    const value =
      await result(`const ws = new WebSocket("ws://site.example:25/"); const closed = once(ws, "close");
      return [ws.readyState, (await once(ws, "error")).message, closing(await closed)];`);
    expect(value).toEqual([0, "The port 25 is blocked", [1006, "", false]]);
  });

  test("sends the URL's credentials as basic authentication", async () => {
    const value = await result(
      `const ws = await opened(BASE.replace("//", "//ann:s%65cret@") + "/credentials", "ann.secret");
      return ws.protocol;`,
    );
    expect(value).toBe("ann.secret");
  });

  test("knows how many bytes wait, those that came too late included", async () => {
    const value = await result(`const ws = await opened(BASE); const amounts = [ws.bufferedAmount];
      ws.send("x".repeat(1000)); amounts.push(ws.bufferedAmount); await once(ws, "message"); amounts.push(ws.bufferedAmount);
      ws.close(); ws.send("häh"); await once(ws, "close"); amounts.push(ws.bufferedAmount);
      return amounts;`);
    expect(value).toEqual([0, 1000, 0, 4]);
  });

  test("goes through the egress policy", async () => {
    const ports = testPorts(
      {},
      { route: async () => ({ kind: "external", app: NO_RULES, instance: NO_RULES }) },
    );
    const value = await result(
      `const ws = new WebSocket("ws://127.0.0.1:${server.port}/"); return (await once(ws, "error")).message;`,
      ports,
    );
    expect(value).toBe(
      "Connection to 127.0.0.1 is refused: the egress policy allows public addresses only, and this one is loopback",
    );
  });

  test("refuses what no WebSocket URL, protocol, code or reason can be", async () => {
    const value =
      await result(`const name = (f) => { try { f(); return "fine"; } catch (e) { return e.name; } };
      const ws = new WebSocket(BASE);
      const names = [
        name(() => new WebSocket()), name(() => new WebSocket("nonsense")), name(() => new WebSocket("ftp://a/")),
        name(() => new WebSocket("ws://a/#b")), name(() => new WebSocket(BASE, ["a", "a"])), name(() => new WebSocket(BASE, "a b")),
        name(() => ws.send("early")), name(() => ws.close(1001)), name(() => ws.close(1000, "x".repeat(124))), name(() => WebSocket("ws://a/")),
      ];
      return [names, new WebSocket("http://a.example/x").url, WebSocket.OPEN, WebSocket.length];`);
    expect(value).toEqual([
      [
        "TypeError",
        "SyntaxError",
        "SyntaxError",
        "SyntaxError",
        "SyntaxError",
        "SyntaxError",
        "InvalidStateError",
        "InvalidAccessError",
        "SyntaxError",
        "TypeError",
      ],
      "ws://a.example/x",
      1,
      1,
    ]);
  });
});

/** A server that upgrades and then says what it is told to. */
async function rawServer(bytes: number[]): Promise<net.Server> {
  const raw = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (head: Buffer) => {
      const key = /sec-websocket-key: (\S+)/i.exec(head.toString())?.[1] ?? "";
      const accept = createHash("sha1")
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      socket.write(
        `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.write(Buffer.from(bytes));
    });
  });
  await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
  return raw;
}

describe("frames of a server", () => {
  test.each([
    [
      "fragments with a ping between them",
      [0x01, 1, 0x61, 0x89, 0, 0x80, 1, 0x62, 0x88, 2, 0x03, 0xe8],
      ["ab", 1000, true],
    ],
    ["a close without a code", [0x88, 0], [null, 1005, true]],
    ["a masked frame", [0x81, 0x81, 1, 2, 3, 4, 0x60], [null, 1006, false]],
    ["a reserved bit", [0xc1, 1, 0x61], [null, 1006, false]],
    ["an unknown opcode", [0x83, 0], [null, 1006, false]],
    ["text that is no UTF-8", [0x81, 1, 0xff], [null, 1006, false]],
    ["a continuation of nothing", [0x80, 1, 0x61], [null, 1006, false]],
    ["a control frame in parts", [0x09, 0], [null, 1006, false]],
    ["a message that is too long", [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0], [null, 1006, false]],
    ["a close code that does not exist", [0x88, 2, 0x03, 0xec], [null, 1006, false]],
  ])("%s", async (_, bytes, expected) => {
    const raw = await rawServer(bytes);
    const { port } = raw.address() as net.AddressInfo;
    const value = await result(`const ws = new WebSocket("ws://site.example:${port}/");
      let text = null;
      ws.onmessage = ({ data }) => { text = data; };
      const { code, wasClean } = await once(ws, "close");
      return [text, code, wasClean];`);
    raw.close();
    expect(value).toEqual(expected);
  });
});
