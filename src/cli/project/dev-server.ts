/** A PiCloud of a project's own: its data in `.picloud`, bound to loopback, no account to make. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiClient } from "../../client/api-client.ts";
import type { Session } from "../../client/types.ts";
import { selfCommand } from "../../shared/self-command.ts";
import { CliError, EXIT } from "../errors.ts";

export interface DevServer {
  client: ApiClient;
  url: string;
  stop(): Promise<void>;
}

const START_MS_MAX = 30_000;
const POLL_MS = 25;

export async function startDevServer(
  folder: string,
  port: number,
  onLine: (line: string) => void,
): Promise<DevServer> {
  const home = join(folder, ".picloud");
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(join(home, ".gitignore"), "*\n");
  const password = await devPassword(join(home, "password"));
  const url = `http://127.0.0.1:${port}`;
  const child = Bun.spawn(selfCommand("serve"), {
    env: {
      ...process.env,
      PICLOUD_BIND: `127.0.0.1:${port}`,
      PICLOUD_DATA_DIR: devDataDir(folder, home),
      PICLOUD_ADMIN_USERNAME: "dev",
      PICLOUD_ADMIN_PASSWORD: password,
      PICLOUD_LOG_LEVEL: process.env["PICLOUD_LOG_LEVEL"] ?? "warn",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  void forward(child.stdout, onLine);
  void forward(child.stderr, onLine);
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.exited;
  };
  try {
    await waitUntilReady(url, child);
    const session = await new ApiClient({ baseUrl: url, token: null }).post<Session>(
      "/auth/login",
      { username: "dev", password },
    );
    return { client: new ApiClient({ baseUrl: url, token: session.token }), url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** PostgreSQL does not run as root, and its user could not enter a project below /root. */
function devDataDir(folder: string, home: string): string {
  if (process.getuid?.() !== 0) return join(home, "data");
  const hash = new Bun.CryptoHasher("sha256").update(folder).digest("hex").slice(0, 16);
  return join("/var/lib/picloud-dev", hash);
}

async function devPassword(path: string): Promise<string> {
  const kept = await readFile(path, "utf8").catch(() => null);
  if (kept) return kept.trim();
  const password = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url");
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  return password;
}

async function waitUntilReady(url: string, child: { exitCode: number | null }): Promise<void> {
  const deadline = Date.now() + START_MS_MAX;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new CliError(
        EXIT.failure,
        `The local server ended with ${child.exitCode} before it was ready`,
      );
    const response = await fetch(`${url}/readyz`).catch(() => null);
    if (response?.ok) return;
    await Bun.sleep(POLL_MS);
  }
  throw new CliError(
    EXIT.unavailable,
    `The local server was not ready after ${START_MS_MAX / 1000} s`,
  );
}

async function forward(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
}
