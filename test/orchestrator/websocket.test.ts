import { describe, expect, test } from "bun:test";
import { completed, startPlane, until } from "./harness.ts";
import type { ExecWebSocket, ExecutionEnd } from "../../src/shared/execution.ts";

type Peer = Parameters<ExecWebSocket["attach"]>[0];

function echoSocket(protocol = ""): {
  socket: ExecWebSocket;
  end: Promise<ExecutionEnd>;
  closes: [number, string][];
} {
  const end = Promise.withResolvers<ExecutionEnd>();
  const closes: [number, string][] = [];
  let peer: Peer | undefined;
  const socket: ExecWebSocket = {
    protocol,
    attach: (given) => {
      peer = given;
      given.send("welcome");
    },
    message: (data) => {
      if (data === "bye") peer?.close(4000, "told to");
      else peer?.send(data);
    },
    close: (code, reason) => {
      closes.push([code, reason]);
      end.resolve(completed);
    },
  };
  return { socket, end: end.promise, closes };
}

describe("WebSocket", () => {
  test("text and bytes go both ways, a close has its code, and the record is written at the end", async () => {
    const { socket, end, closes } = echoSocket("chat");
    using h = startPlane({
      scripts: {
        s: {
          run: () => ({
            response: { status: 101, headers: [], body: null, webSocket: socket },
            end,
          }),
        },
      },
      routes: ["GET any /ws -> s"],
    });
    const client = new WebSocket(`ws://127.0.0.1:${h.port}/ws`, ["chat", "other"]);
    client.binaryType = "arraybuffer";
    const received: unknown[] = [];
    client.addEventListener("message", ({ data }) =>
      received.push(data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data),
    );
    const closed = new Promise<CloseEvent>((resolve) => client.addEventListener("close", resolve));
    await new Promise((resolve) => client.addEventListener("open", resolve));
    expect(client.protocol).toBe("chat");
    expect(new Map(h.seen().headers).get("upgrade")).toBe("websocket");
    client.send("hi");
    client.send(new Uint8Array([1, 2, 3]));
    await until(() => received.length === 3);
    expect(received).toEqual(["welcome", "hi", [1, 2, 3]]);
    expect(h.records).toEqual([]);
    client.send("bye");
    const { code, reason } = await closed;
    expect([code, reason]).toEqual([4000, "told to"]);
    await until(() => h.records.length === 1);
    expect(h.records[0]).toMatchObject({ status: 101, outcome: "completed" });
    expect(closes.length).toBe(1);
  });

  test("a script that accepts where none was asked for gets its socket closed", async () => {
    const { socket, end, closes } = echoSocket();
    using h = startPlane({
      scripts: {
        s: {
          run: () => ({
            response: { status: 101, headers: [], body: null, webSocket: socket },
            end,
          }),
        },
      },
      routes: ["GET any / -> s"],
    });
    const response = await h.fetch("x.test", "/");
    expect(response.status).toBe(400);
    expect(closes[0]?.[0]).toBe(1006);
  });
});
