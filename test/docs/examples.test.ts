import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runInGuest } from "../support/guest-lab.ts";
import { type Instance, startInstance } from "../support/instance.ts";

const FOLDER = join(import.meta.dir, "../../docs/script-api");

interface Example {
  page: string;
  line: number;
  /** Path to ask for; null for a module that is only evaluated. */
  target: string | null;
  route: string;
  source: string;
  expected: string;
}

function examplesOf(page: string, text: string): Example[] {
  const block = /^```ts([^\n]*)\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm;
  return [...text.matchAll(block)].map((match) => {
    const [, info = "", source = "", expected = ""] = match;
    return {
      page,
      line: text.slice(0, match.index).split("\n").length,
      target: /GET (\S+)/.exec(info)?.[1] ?? null,
      route: /route=(\S+)/.exec(info)?.[1] ?? "/*",
      source,
      expected: expected.trimEnd(),
    };
  });
}

const pages = await Promise.all(
  readdirSync(FOLDER).map(async (page) => ({
    page,
    text: await Bun.file(join(FOLDER, page)).text(),
  })),
);
const examples = pages.flatMap(({ page, text }) => examplesOf(page, text));

/** What a script can use, by the names under which somebody looks for it. */
const NAMES =
  "AbortController AbortSignal Event EventTarget CustomEvent ErrorEvent MessageChannel MessageEvent MessagePort PromiseRejectionEvent DOMException " +
  "Headers Request Response FormData Blob File CompressionStream DecompressionStream ByteLengthQueuingStrategy CountQueuingStrategy " +
  "ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController " +
  "ReadableStreamDefaultReader TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController " +
  "WritableStreamDefaultWriter TextDecoder TextDecoderStream TextEncoder TextEncoderStream URL URLSearchParams URLPattern crypto CryptoKey SubtleCrypto " +
  "performance WebAssembly compileStreaming instantiateStreaming globalThis self atob btoa setTimeout setInterval clearTimeout clearInterval " +
  "queueMicrotask reportError structuredClone navigator onerror onunhandledrejection onrejectionhandled fetch console WebSocket EventSource " +
  "BroadcastChannel caches Intl Temporal execution log invoke on picloud:blob picloud:docs picloud:sql serve upgradeWebSocket env openKv cron version " +
  "build errors cwd inspect readFile readTextFile readDir stat lstat realPath open resolveDns connect connectTls assert async_hooks AsyncLocalStorage " +
  "buffer events path process punycode querystring stream string_decoder timers url util JSX waitUntil principal static";

let cloud: Instance;
beforeAll(async () => {
  cloud = await startInstance();
}, 60_000);
afterAll(() => cloud.dispose());

test("every page has examples, and every example its output", () => {
  for (const { page, text } of pages) {
    expect({ page, examples: examplesOf(page, text).length }).toEqual({
      page,
      examples: (text.match(/^```ts/gm) ?? []).length,
    });
    expect(examplesOf(page, text).length).toBeGreaterThan(0);
  }
});

test("every name of the API is on a page", () => {
  const words = new Set(pages.flatMap(({ text }) => text.match(/[\w$]+(?::\w+)?/g) ?? []));
  const parts = new Set(pages.flatMap(({ text }) => text.match(/[\w$]+/g) ?? []));
  expect(NAMES.split(" ").filter((name) => !words.has(name) && !parts.has(name))).toEqual([]);
});

describe("the example of", () => {
  test.each(
    examples
      .filter(({ target }) => target === null)
      .map((example) => [`${example.page}:${example.line}`, example] as const),
  )("%s prints what the page says", async (_name, { source, expected }) => {
    const run = await runInGuest(source);
    expect(run.error).toBeNull();
    expect(run.logs.map(lineOf).join("\n")).toBe(expected);
  });

  test.each(
    examples
      .filter(({ target }) => target !== null)
      .map((example) => [`${example.page}:${example.line}`, example] as const),
  )("%s answers what the page says", async (name, { target, route, source, expected }) => {
    const slug = name.replace(/[^a-z0-9]+/g, "-");
    const app = await cloud.api<{ id: string }>("POST", "/apps", { slug, name });
    await cloud.api("POST", `/apps/${slug}/domains`, { host: `${slug}.example.com` });
    const script = await cloud.api<{ id: string }>("POST", "/scripts", {
      app_id: app.body.id,
      name: "example",
      source,
    });
    expect(script.status).toBe(201);
    await cloud.api("POST", `/scripts/${script.body.id}/routes`, { path: route });
    const answer = await cloud.ask(`${slug}.example.com`, target ?? "/");
    expect((await answer.text()).trimEnd()).toBe(expected);
  });
});

/** A log line as a terminal would show it. */
function lineOf({ message, data }: { message: string; data?: unknown }): string {
  if (data === undefined) return message;
  const rest = Array.isArray(data) ? data : [data];
  return [
    message,
    ...rest.map((value) =>
      typeof value === "string"
        ? value
        : Bun.inspect(value).replace(/\n\s*/g, " ").replace(/, \}/, " }"),
    ),
  ].join(" ");
}
