import { afterAll, beforeAll, expect, test } from "bun:test";
import { createFetchOperations } from "../../../src/executor/host/fetch.ts";
import { testPorts } from "../../support/egress-lab.ts";
import { runInGuest } from "../../support/guest-lab.ts";

let server: ReturnType<typeof Bun.serve>;
let lastIds: (string | null)[] = [];

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/wrong")
        return new Response("data: x\n\n", { headers: { "content-type": "text/plain" } });
      const id = request.headers.get("last-event-id");
      lastIds.push(id === null ? null : Buffer.from(id, "latin1").toString("utf8"));
      const first = lastIds.length === 1;
      const text = first
        ? "retry: 1\n\n: comment\nid: ü…\ndata: one\ndata: line\r\n\r\nevent: named\rdata:two\r\rdata: unfinished"
        : "data: again\n\n";
      return new Response(text, { headers: { "content-type": "text/event-stream;charset=utf-8" } });
    },
  });
});
afterAll(() => void server.stop(true));

async function result(script: string): Promise<unknown> {
  const code = `const BASE = "http://site.example:${server.port}"; export default (async () => { ${script} })();`;
  const { result: value, error } = await runInGuest(code, {
    operations: createFetchOperations(testPorts({ "site.example": "127.0.0.1" })),
  });
  expect(error).toBeNull();
  return value;
}

test("an event source reads messages, and connects again with the last id", async () => {
  lastIds = [];
  const value = await result(`
    const source = new EventSource(BASE + "/");
    const log = [];
    source.onopen = () => log.push("open " + source.readyState);
    source.onerror = () => log.push("error " + source.readyState);
    source.addEventListener("named", (e) => log.push(["named", e.data, e.lastEventId]));
    await new Promise((resolve) => {
      source.onmessage = (e) => { log.push([e.data, e.lastEventId, e.origin === BASE]); if (e.data === "again") resolve(); };
    });
    source.close();
    return [log, source.readyState, source.url === BASE + "/"];`);
  expect(value).toEqual([
    [
      "open 1",
      ["one\nline", "ü…", true],
      ["named", "two", "ü…"],
      "error 0",
      "open 1",
      ["again", "ü…", true],
    ],
    2,
    true,
  ]);
  expect(lastIds).toEqual([null, "ü…"]);
});

test("an event source gives up on an answer that is no event stream", async () => {
  const value = await result(`
    const source = new EventSource(BASE + "/wrong");
    await new Promise((resolve) => { source.onerror = resolve; });
    return source.readyState;`);
  expect(value).toBe(2);
});
