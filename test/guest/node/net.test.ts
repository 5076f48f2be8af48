import { afterAll, expect, test } from "bun:test";
import net from "node:net";
import { createBuilder } from "../../../src/builder/create-builder.ts";
import { defaultPorts } from "../../../src/executor/host/egress/ports.ts";
import { makeSocketOperations } from "../../../src/executor/host/node/sockets.ts";
import { runInGuest } from "../../support/guest-lab.ts";

const server = net.createServer((socket) => {
  socket.on("data", (bytes) => socket.write(`echo ${bytes.toString()}`));
  socket.on("end", () => socket.end());
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as net.AddressInfo;
const builder = createBuilder();
afterAll(() => {
  builder.close();
  server.close();
});

const RULES = { allow: ["127.0.0.0/8"], deny: [] };
const allowed = makeSocketOperations({
  ...defaultPorts,
  localAddresses: () => new Set(),
  route: async () => ({ kind: "external", instance: RULES, app: RULES }),
});

async function run(body: string, operations = allowed): Promise<unknown> {
  const source = `import net from "node:net"; import tls from "node:tls"; import { once } from "node:events"; export default (async () => { ${body} })()`;
  const built = await builder.build({ files: { "main.ts": source }, entry: "main.ts" });
  if (!built.ok) throw new Error(built.message);
  const { result, error } = await runInGuest(built.code, { operations });
  if (error !== null) throw new Error(`${error.name}: ${error.message}`);
  return result;
}

test("net.connect carries data both ways and ends", async () => {
  const answer =
    await run(`const socket = net.connect(${port}, "127.0.0.1"); await once(socket, "connect"); socket.setEncoding("utf8");
    const text: string[] = []; socket.on("data", (part) => text.push(part)); const closed = once(socket, "close"); socket.end("hello"); await once(socket, "end"); await closed;
    return [text.join(""), socket.bytesRead, socket.bytesWritten, socket.destroyed]`);
  expect(answer).toEqual(["echo hello", 10, 5, true]);
});

test("what the policy or the network refuses is an error event with a code", async () => {
  const body = `const socket = net.connect({ host: "127.0.0.1", port: ${port} }); const [error] = await Promise.race([once(socket, "error"), once(socket, "connect")]); return error?.code ?? "connected"`;
  expect(await run(body, makeSocketOperations())).toBe("ECONNREFUSED");
  expect(await run(body)).toBe("connected");
});

test("tls over a connection that speaks none fails with an error", async () => {
  expect(
    await run(
      `const socket = tls.connect({ socket: net.connect(${port}, "127.0.0.1"), servername: "x.test" }); const [error] = await once(socket, "error").catch((e) => [e]); return error instanceof Error`,
    ),
  ).toBe(true);
});

test("servers are refused by name", async () => {
  expect(await run(`try { net.createServer() } catch (error) { return String(error) }`)).toContain(
    "use Deno.serve",
  );
});

test("cloudflare:sockets gives the same connection as web streams", async () => {
  const body = `const { connect } = await import("cloudflare:sockets"); const socket = connect({ hostname: "127.0.0.1", port: ${port} }); await socket.opened;
    const writer = socket.writable.getWriter(); await writer.write(new TextEncoder().encode("edge")); await writer.close(); return await new Response(socket.readable).text()`;
  expect(await run(body)).toBe("echo edge");
});
