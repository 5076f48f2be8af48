import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import type { Harness, Person } from "./support/harness.ts";
import { execution } from "./support/execution.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

interface Stream {
  status: number;
  type: string | null;
  /** The ids of the next events. */
  next(count: number): Promise<string[]>;
  ended(): Promise<boolean>;
  close(): Promise<void>;
}

async function open(
  slug: string,
  as: Pick<Person, "token">,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const request = new Request(`http://localhost/api/v1/admin/apps/${slug}/logs:stream`, {
    headers: { authorization: `Bearer ${as.token}`, ...headers },
  });
  const response = await h.fetch(request);
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    next: async (count) => {
      const ids = () =>
        [...text.matchAll(/^id: (.+)\nevent: execution\ndata: \{.*\}\n\n/gm)].map(
          ([, id]) => id ?? "",
        );
      while (ids().length < count) {
        const { value, done } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
      }
      return ids();
    },
    ended: async () => {
      for (;;) if ((await reader.read()).done) return true;
    },
    close: () => reader.cancel(),
  };
}

const run = async (appId: string) => {
  const log = execution({ appId, outcome: "threw" });
  h.manager.sink.write(log);
  await h.manager.sink.flush();
  return log.id;
};

describe("the stream of executions", () => {
  test("gives each one once, in the order of writing, of this app only", async () => {
    const [app, other] = [await h.app(), await h.app()];
    const before = await run(app.id);
    const stream = await open(app.slug, h.owner);
    expect([stream.status, stream.type]).toEqual([200, "text/event-stream"]);
    await run(other.id);
    const ids = [await run(app.id), await run(app.id)];
    expect(await stream.next(2)).toEqual(ids);
    await stream.close();
    const resumed = await open(app.slug, h.owner, { "last-event-id": before });
    expect(await resumed.next(2)).toEqual(ids);
    await resumed.close();
  });

  test("is for those who may read logs", async () => {
    const app = await h.app();
    expect((await open(app.slug, await h.person("member"))).status).toBe(404);
    expect((await open(app.slug, await h.key(h.owner, ["script:read"]))).status).toBe(403);
  });

  test("ends when the right ends", async () => {
    const app = await h.app();
    const viewer = await h.member(app.id, "viewer");
    const stream = await open(app.slug, viewer);
    await run(app.id);
    expect(await stream.next(1)).toHaveLength(1);
    expect(
      (await h.call("DELETE", `/apps/${app.slug}/members/${viewer.id}`, { as: h.owner })).status,
    ).toBe(204);
    expect(await stream.ended()).toBe(true);
  });
});
