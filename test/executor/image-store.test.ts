import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExecutorHarness, makeScript } from "../support/executor-harness.ts";

let directory: string;
const imageKey = new Uint8Array(32).fill(9);

beforeAll(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "picloud-images-")), "images");
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A new set of processes over the same directory, as after a restart. */
async function withExecutor<T>(
  use: (executor: ExecutorHarness) => Promise<T>,
  key = imageKey,
): Promise<T> {
  const executor = new ExecutorHarness({ imageDirectory: directory, imageKey: key });
  try {
    return await use(executor);
  } finally {
    await executor.close();
  }
}

const files = async (): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith(".img"));

async function untilFiles(count: number): Promise<string[]> {
  for (let i = 0; i < 500; i += 1) {
    const found = await files().catch(() => []);
    if (found.length === count) return found;
    await Bun.sleep(2);
  }
  throw new Error(`There are ${(await files()).length} images, not ${count}`);
}

/** Says which evaluation it runs on: a restored image repeats the value of its own. */
const SCRIPT =
  "const made = Math.random(); const secret = Deno.env.get('TOKEN'); export default () => made";
const script = makeScript(SCRIPT, { scriptId: "stored", env: { TOKEN: "tell-nobody-4711" } });

describe("an image on disk", () => {
  let first: string;

  test("comes back after a restart, without another evaluation", async () => {
    first = await withExecutor(async (executor) => {
      const { text } = await executor.run(script);
      await untilFiles(1);
      return text;
    });
    const second = await withExecutor(async (executor) => (await executor.run(script)).text);
    expect(second).toBe(first);
  });

  test("is unreadable to others, and holds nothing in the clear", async () => {
    const [name = ""] = await files();
    const path = join(directory, name);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    const bytes = Buffer.from(await Bun.file(path).bytes());
    expect(bytes.includes("tell-nobody-4711")).toBe(false);
    expect(bytes.includes("picloud")).toBe(false);
  });

  test("that was tampered with is rebuilt, never run", async () => {
    const [name = ""] = await files();
    const bytes = await Bun.file(join(directory, name)).bytes();
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await Bun.write(join(directory, name), bytes);
    const text = await withExecutor(async (executor) => {
      const answer = await executor.run(script);
      await untilFiles(1);
      return answer.text;
    });
    expect(Number(text)).toBeGreaterThan(0);
    expect(text).not.toBe(first);
    first = text;
  });

  test("made with another key is rebuilt", async () => {
    const other = new Uint8Array(32).fill(10);
    const text = await withExecutor(async (executor) => (await executor.run(script)).text, other);
    expect(text).not.toBe(first);
  });

  test("goes when the environment changes, and with the script", async () => {
    await withExecutor(async (executor) => {
      const [before] = await untilFiles(1);
      await executor.run({ ...script, envRevision: 2, env: { TOKEN: "next" } });
      for (let i = 0; i < 500 && (await files())[0] === before; i += 1) await Bun.sleep(2);
      const after = await untilFiles(1);
      expect(after[0]).not.toBe(before);
      executor.client.forget("stored");
      await untilFiles(0);
    });
  });
});
