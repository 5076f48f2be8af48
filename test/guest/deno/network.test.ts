import { afterAll, expect, test } from "bun:test";
import net from "node:net";
import { defaultPorts } from "../../../src/executor/host/egress/ports.ts";
import { makeSocketOperations } from "../../../src/executor/host/node/sockets.ts";
import { runInGuest } from "../../support/guest-lab.ts";

const server = net.createServer((socket) => {
  socket.on("data", (bytes) => socket.write(`echo ${bytes.toString()}`));
  socket.on("end", () => socket.end());
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as net.AddressInfo;
afterAll(() => void server.close());

/** The policy of an owner who allows this machine. */
const open = makeSocketOperations({
  ...defaultPorts,
  localAddresses: () => new Set(),
  route: async () => ({
    kind: "external",
    instance: { allow: ["127.0.0.0/8"], deny: [] },
    app: { allow: ["127.0.0.0/8"], deny: [] },
  }),
});

const run = async (source: string, operations = open): Promise<unknown> => {
  const { result, error } = await runInGuest(`export default (async () => { ${source} })()`, {
    operations,
  });
  if (error !== null) throw new Error(`${error.name}: ${error.message}`);
  return result;
};

test("Deno.connect reads and writes an allowed address", async () => {
  const source = `const c = await Deno.connect({ hostname: "127.0.0.1", port: ${port} });
    await c.write(new TextEncoder().encode("hi"));
    const into = new Uint8Array(4); const n = await c.read(into); const rest = new Uint8Array(99); const m = await c.read(rest);
    await c.closeWrite(); const end = await c.read(rest); c.close();
    return [n, new TextDecoder().decode(into), new TextDecoder().decode(rest.subarray(0, m)), end, c.remoteAddr.port === ${port}, await c.read(rest).catch((e) => e.name)]`;
  expect(await run(source)).toEqual([4, "echo", " hi", null, true, "BadResource"]);
});

test("its streams carry bytes both ways", async () => {
  const source = `const c = await Deno.connect({ hostname: "127.0.0.1", port: ${port} });
    const writer = c.writable.getWriter(); await writer.write(new TextEncoder().encode("stream")); await writer.close();
    return await new Response(c.readable).text()`;
  expect(await run(source)).toBe("echo stream");
});

test("addresses outside of the policy are refused, and the policy is named", async () => {
  const source = `const out = []; for (const hostname of ["127.0.0.1", "localhost", "::1", "10.0.0.1", "169.254.169.254", "0.0.0.0"]) out.push(await Deno.connect({ hostname, port: ${port} }).then(() => "open", (e) => e.name)); return out`;
  expect(await run(source, makeSocketOperations())).toEqual(
    Array.from({ length: 6 }, () => "TypeError"),
  );
});

test("a port out of range and another transport are refused", async () => {
  expect(
    await run(
      `return [await Deno.connect({ port: 0 }).catch((e) => e.name), await Deno.connect({ port: 1, transport: "unix" }).catch((e) => e.name)]`,
    ),
  ).toEqual(["TypeError", "NotSupported"]);
});
