import { afterAll, beforeAll, expect, test } from "bun:test";
import { ExecutorHarness, makeRequest, makeScript } from "../support/executor-harness.ts";

let executor: ExecutorHarness;

beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

const UPGRADE: [string, string][] = [
  ["host", "localhost"],
  ["upgrade", "websocket"],
  ["connection", "Upgrade"],
  ["sec-websocket-protocol", "chat"],
];

test("a WebSocket that the script accepted carries text and bytes both ways until it closes", async () => {
  const script = makeScript(`Deno.serve((req) => {
    const { socket, response } = Deno.upgradeWebSocket(req, { protocol: "chat" });
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send("welcome");
    socket.onmessage = ({ data }) => {
      if (data === "bye") socket.close(4001, "done");
      else socket.send(typeof data === "string" ? data.toUpperCase() : new Uint8Array(data).reverse());
    };
    socket.onclose = ({ code }) => console.log("closed " + code);
    return response;
  })`);
  const { response, end } = await executor.client.execute(
    script,
    makeRequest({ headers: UPGRADE }),
  );
  expect(response?.status).toBe(101);
  const socket = response?.webSocket;
  expect(socket?.protocol).toBe("chat");
  const received: (string | Uint8Array)[] = [];
  const closed = new Promise<number>((resolve) => {
    socket?.attach({
      send: (data) => {
        received.push(data);
        if (received.length === 3) socket.message("bye");
      },
      close: (code, reason) => {
        socket.close(code, reason);
        resolve(code);
      },
    });
  });
  socket?.message("hello");
  socket?.message(new Uint8Array([1, 2, 3]));
  expect(await closed).toBe(4001);
  expect(received).toEqual(["welcome", "HELLO", new Uint8Array([3, 2, 1])]);
  const { outcome, logs } = await end;
  expect(outcome).toBe("completed");
  expect(logs.map((line) => line.message)).toEqual(["closed 4001"]);
});

test("a WebSocket whose execution is ended by a limit is closed for the client", async () => {
  const script = makeScript(
    "Deno.serve((req) => { const { socket, response } = Deno.upgradeWebSocket(req); socket.onmessage = () => { for (;;); }; return response })",
    { limits: { cpu_ms: 30 } },
  );
  const { response, end } = await executor.client.execute(
    script,
    makeRequest({ headers: UPGRADE }),
  );
  const closed = new Promise<number>((resolve) => {
    response?.webSocket?.attach({ send: () => undefined, close: (code) => resolve(code) });
  });
  response?.webSocket?.message("loop");
  expect(await closed).toBe(1011);
  expect((await end).outcome).toBe("cpu_exceeded");
});

test("an upgraded socket gives buffers unless told otherwise, and closes with the protocol's codes", async () => {
  const script = makeScript(`Deno.serve((req) => {
    const { socket, response } = Deno.upgradeWebSocket(req);
    socket.onmessage = ({ data }) => {
      const refused = [1004, 1005, 1006, 1015, 2000].filter((code) => {
        try { socket.close(code); return false } catch (error) { return error.name === "InvalidAccessError" }
      });
      socket.send(JSON.stringify([socket.binaryType, data instanceof ArrayBuffer, refused]));
      socket.close(1001, "going away");
    };
    return response;
  })`);
  const { response } = await executor.client.execute(script, makeRequest({ headers: UPGRADE }));
  const socket = response?.webSocket;
  const received: unknown[] = [];
  const closed = new Promise<[number, string]>((resolve) => {
    socket?.attach({
      send: (data) => received.push(JSON.parse(String(data))),
      close: (code, reason) => resolve([code, reason]),
    });
  });
  socket?.message(new Uint8Array([1]));
  expect(await closed).toEqual([1001, "going away"]);
  expect(received).toEqual([["arraybuffer", true, [1004, 1005, 1006, 1015, 2000]]]);
});

test("a request becomes one WebSocket", async () => {
  const { text, end } = await executor.run(
    `Deno.serve((req) => {
      const { socket } = Deno.upgradeWebSocket(req);
      socket.onclose = ({ code }) => console.log("closed " + code);
      try { Deno.upgradeWebSocket(req) } catch (error) { return new Response(\`\${error instanceof Deno.errors.Http} \${error.message}\`) }
    })`,
    { headers: UPGRADE },
  );
  expect(text).toStartWith("true Already upgraded");
  // Another answer than the upgrade's own gives the socket up.
  expect(end.logs.map(({ message }) => message)).toEqual(["closed 1006"]);
});
