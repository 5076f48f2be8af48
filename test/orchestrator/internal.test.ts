import { describe, expect, test } from "bun:test";
import { startPlane, text } from "./harness.ts";

const hello = { run: () => text("hello") };
const context = { rootExecutionId: "root", triggerDepth: 1 };
const routes = ["* any /in -> s"];

describe("dispatchInternal()", () => {
  test("runs the route of a claimed host, one trigger deeper, with its body", async () => {
    using h = startPlane({
      scripts: {
        s: {
          run: async (request) => text(await new Response(request.body as ReadableStream).text()),
        },
      },
      routes,
    });
    expect([
      h.plane.claims("x.test"),
      h.plane.claims("x.test:8080"),
      h.plane.claims("nobody.test"),
    ]).toEqual([true, true, false]);
    const response = await h.plane.dispatchInternal(
      new Request("https://x.test/in?q=1", { method: "POST", body: "sent" }),
      context,
    );
    expect(await response.text()).toBe("sent");
    expect(h.seen()).toMatchObject({
      url: "https://x.test/in?q=1",
      rootExecutionId: "root",
      triggerDepth: 1,
    });
    expect(h.records).toMatchObject([{ rootExecutionId: "root", triggerDepth: 1 }]);
  });

  test("never reaches the control plane or execute", async () => {
    using h = startPlane({ scripts: { s: hello }, routes: ["* any /* -> s"] });
    for (const path of ["/api/v1/execute/s", "/api/v1/admin/apps", "/admin", "/version"]) {
      expect(
        (await h.plane.dispatchInternal(new Request(`http://x.test${path}`), context)).status,
      ).toBe(404);
    }
  });

  test("a chain deeper than the bound is 508", async () => {
    using h = startPlane({ scripts: { s: hello }, routes });
    expect(
      (
        await h.plane.dispatchInternal(new Request("http://x.test/in"), {
          ...context,
          triggerDepth: 4,
        })
      ).status,
    ).toBe(200);
    expect(
      (
        await h.plane.dispatchInternal(new Request("http://x.test/in"), {
          ...context,
          triggerDepth: 5,
        })
      ).status,
    ).toBe(508);
  });
});

describe("invoke()", () => {
  const event = {
    scriptId: "s",
    invocationType: "queue",
    rootExecutionId: null,
    triggerDepth: 0,
    url: "queue:",
  } as const;

  test("runs and records an event", async () => {
    using h = startPlane({ scripts: { s: { ...hello, access: "internal" } } });
    const answer = await h.plane.invoke(event);
    expect(answer?.result.response?.status).toBe(200);
    expect(h.records).toMatchObject([
      {
        id: answer?.executionId,
        invocationType: "queue",
        rootExecutionId: answer?.executionId,
        outcome: "completed",
      },
    ]);
  });

  test("says when there is no such script, when the gate is full, and when the chain is too deep", async () => {
    using h = startPlane({ scripts: { s: { ...hello, limits: { concurrency: 0 } } } });
    expect(await h.plane.invoke({ ...event, scriptId: "none" })).toBeUndefined();
    expect((await h.plane.invoke(event))?.result).toMatchObject({
      response: null,
      end: { outcome: "overloaded" },
    });
    expect((await h.plane.invoke({ ...event, triggerDepth: 5 }))?.result).toMatchObject({
      response: null,
      end: { outcome: "aborted" },
    });
    expect(h.records.map(({ outcome }) => outcome)).toEqual(["overloaded", "aborted"]);
  });
});
