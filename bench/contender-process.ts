/** Starts a contender and finds out where it listens. */
import type { Contender } from "./contenders.ts";

export interface Running {
  name: string;
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const START_MS = 30_000;

export async function startContender(contender: Contender, scriptFile: string): Promise<Running> {
  const command = await contender.command(scriptFile);
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const config = command.find((argument) => argument.endsWith(".capnp"));
  const port = config === undefined ? await readPort(child.stdout) : await configuredPort(config);
  const url = `http://127.0.0.1:${port}/hello/world`;
  await untilAnswers(url);
  return {
    name: contender.name,
    url,
    pid: child.pid,
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}

async function readPort(output: ReadableStream<Uint8Array>): Promise<number> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of output) {
    text += decoder.decode(chunk);
    const match = /listening (\d+)/.exec(text);
    if (match !== null) return Number(match[1]);
  }
  throw new Error("The contender ended before it listened");
}

async function configuredPort(config: string): Promise<number> {
  const [first = ""] = (await Bun.file(config).text()).split("\n");
  return Number(first.slice(2));
}

async function untilAnswers(url: string): Promise<void> {
  const until = Date.now() + START_MS;
  for (;;) {
    try {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (response.ok) return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    if (Date.now() > until) throw new Error(`${url} does not answer with success`);
    await Bun.sleep(20);
  }
}
