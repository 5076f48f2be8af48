import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually, type Instance, startInstance } from "../support/instance.ts";

let cloud: Instance;
beforeAll(async () => {
  cloud = await startInstance();
}, 60_000);
afterAll(() => cloud.dispose());

async function deploy(
  slug: string,
  source: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const app = await cloud.api<{ id: string }>("POST", "/apps", { slug, name: slug });
  await cloud.api("POST", `/apps/${slug}/domains`, { host: `${slug}.localhost` });
  const script = await cloud.api<{ id: string }>("POST", "/scripts", {
    app_id: app.body.id,
    name: "s",
    source,
    ...more,
  });
  expect(script.status).toBe(201);
  await cloud.api("POST", `/scripts/${script.body.id}/routes`, { path: "/*" });
  return script.body.id;
}

/** A client that collects what it hears. */
async function connect(slug: string, protocols: string[] = []) {
  const socket = new WebSocket(`ws://${slug}.localhost:${cloud.port}/chat`, protocols);
  socket.binaryType = "arraybuffer";
  const heard: unknown[] = [];
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  socket.onmessage = ({ data }) =>
    void heard.push(data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data);
  socket.onclose = ({ code, reason }) => closed.resolve({ code, reason });
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return { socket, heard, closed: closed.promise };
}

const lastRecord = (id: string) =>
  eventually(
    async () =>
      (await cloud.api<{ items: Record<string, unknown>[] }>("GET", `/scripts/${id}/logs`)).body
        .items[0],
  );

const ECHO = `Deno.serve((request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "chat" });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send("welcome");
  socket.onmessage = ({ data }) => {
    if (data === "bye") socket.close(4001, "as asked");
    else socket.send(data);
  };
  socket.onclose = ({ code, reason, wasClean }) => console.log("closed", code, reason, wasClean);
  return response;
});`;

describe("a WebSocket that a script accepts", () => {
  test("carries text and bytes both ways, speaks the agreed protocol, and closes with the script's code", async () => {
    const id = await deploy("echo", ECHO);
    const client = await connect("echo", ["chat"]);
    expect(client.socket.protocol).toBe("chat");
    client.socket.send("hé\u0000llo");
    client.socket.send(new Uint8Array([0, 255, 7]));
    await eventually(async () => client.heard.length === 3);
    expect(client.heard).toEqual(["welcome", "hé\u0000llo", [0, 255, 7]]);
    client.socket.send("bye");
    expect(await client.closed).toEqual({ code: 4001, reason: "as asked" });
    expect(await lastRecord(id)).toMatchObject({ outcome: "completed", status: 101 });
  });

  test("tells the script of the client's close", async () => {
    const id = await deploy("leave", ECHO);
    const client = await connect("leave", ["chat"]);
    await eventually(async () => client.heard.length === 1);
    client.socket.close(4002, "gone");
    expect(await lastRecord(id)).toMatchObject({
      outcome: "completed",
      logs: [{ message: "closed", data: [4002, "gone", true] }],
    });
  });

  test("is ended with 1011 when the script fails", async () => {
    const id = await deploy(
      "fail",
      `Deno.serve((request) => { const { socket, response } = Deno.upgradeWebSocket(request); socket.onmessage = () => { for (;;); }; return response; });`,
      { limits: { cpu_ms: 50 } },
    );
    const client = await connect("fail");
    client.socket.send("now");
    expect((await client.closed).code).toBe(1011);
    expect(await lastRecord(id)).toMatchObject({ outcome: "cpu_exceeded" });
  });

  test("joins two clients in a chat, where the instance is reused", async () => {
    await deploy(
      "chat",
      `const members = new Set();
      Deno.serve((request) => {
        const { socket, response } = Deno.upgradeWebSocket(request);
        socket.onopen = () => members.add(socket);
        socket.onclose = () => members.delete(socket);
        socket.onmessage = ({ data }) => { for (const member of members) if (member !== socket) member.send(data); };
        return response;
      });`,
      { instance: "reuse" },
    );
    const [anna, bert] = [await connect("chat"), await connect("chat")];
    // Long after both were quiet, a third one still comes to the same place.
    await Bun.sleep(50);
    const clients = [anna, bert, await connect("chat")] as const;
    anna.socket.send("hello all");
    await eventually(async () =>
      clients.slice(1).every(({ heard }) => heard.includes("hello all")),
    );
    expect(anna.heard).toEqual([]);
    for (const { socket } of clients) socket.close();
  });
});

test("a request that is no upgrade gets an answer when the script insists", async () => {
  await deploy("plain", ECHO);
  const response = await cloud.ask("plain.localhost", "/");
  expect(response.status).toBe(502);
});
