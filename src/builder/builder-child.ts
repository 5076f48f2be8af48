import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { BuildInput, BuildResult } from "../shared/builder.ts";
import type { BuilderSettings, FromBuilder, ToBuilder } from "./messages.ts";

export interface BuilderLimits {
  /** Wall time of one build, downloads included. */
  buildMs: number;
  /** Resident memory of the process. */
  memoryBytes: number;
  /** A process that holds more than this after a build is not kept. */
  keptBytes: number;
  /** How long the process is kept after its last build. */
  idleMs: number;
  /** How often time and memory are looked at. */
  checkMs: number;
}

interface Pending {
  input: BuildInput;
  resolve(result: BuildResult): void;
  deadline: number;
}

const PAGE_BYTES = 4096;
/** The only variables the process gets: how to reach the network, and where temporary files go. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "TMPDIR",
  "BUN_TMPDIR",
  "TZ",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** One builder process. Its death fails the build under way; the next build starts another. */
export class BuilderChild {
  readonly #limits: BuilderLimits;
  readonly #process: Bun.Subprocess;
  #pending: Pending | null = null;
  #builds = 0;
  #watch: Timer | null = null;
  #idle: Timer | null = null;
  alive = true;

  constructor(command: readonly string[], settings: BuilderSettings, limits: BuilderLimits) {
    this.#limits = limits;
    this.#process = Bun.spawn([...command], {
      cwd: tmpdir(),
      env: Object.fromEntries(
        PASSED_ON.flatMap((name) =>
          process.env[name] === undefined ? [] : [[name, process.env[name]]],
        ),
      ),
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      serialization: "advanced",
      ipc: (message: FromBuilder) => this.#receive(message),
      onExit: () => this.#ended("The builder stopped: the script is more than it can take"),
    });
    this.#process.unref();
    this.#send({ kind: "settings", settings });
  }

  build(input: BuildInput): Promise<BuildResult> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#process.ref();
    return new Promise((resolve) => {
      this.#pending = { input, resolve, deadline: performance.now() + this.#limits.buildMs };
      this.#watch = setInterval(() => void this.#check(), this.#limits.checkMs);
      this.#send({ kind: "build", id: ++this.#builds, input });
    });
  }

  kill(): void {
    this.#process.kill("SIGKILL");
    this.#ended("The builder was stopped");
  }

  #send(message: ToBuilder): void {
    this.#process.send(message);
  }

  #receive(message: FromBuilder): void {
    if (message.kind === "built" && message.id === this.#builds) this.#settle(message.result);
  }

  async #check(): Promise<void> {
    const pending = this.#pending;
    if (pending === null) return;
    const { buildMs, memoryBytes } = this.#limits;
    if (performance.now() > pending.deadline)
      return this.#stop(`The build took longer than ${buildMs} ms`);
    const used = await residentBytes(this.#process.pid);
    if (used > memoryBytes && this.#pending === pending)
      this.#stop(`The build took more than ${memoryBytes >> 20} MB of memory`);
  }

  #stop(message: string): void {
    this.#process.kill("SIGKILL");
    this.#ended(message);
  }

  #ended(message: string): void {
    this.alive = false;
    if (this.#idle !== null) clearTimeout(this.#idle);
    const file = this.#pending?.input.entry ?? "";
    this.#settle({ ok: false, file, line: 1, column: 1, message });
  }

  #settle(result: BuildResult): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    if (this.#watch !== null) clearInterval(this.#watch);
    if (this.alive) {
      this.#rest();
      void this.#dropIfBloated();
    }
    pending.resolve(result);
  }

  /** What packages left in memory is read again from the cache. */
  async #dropIfBloated(): Promise<void> {
    const used = await residentBytes(this.#process.pid);
    if (used > this.#limits.keptBytes && this.#pending === null && this.alive) this.kill();
  }

  #rest(): void {
    this.#process.unref();
    this.#idle = setTimeout(() => this.kill(), this.#limits.idleMs);
    this.#idle.unref();
  }
}

/** 0 where the system has no such file: the time limit still holds there. */
async function residentBytes(pid: number): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "");
  return Number(statm.split(" ")[1] ?? 0) * PAGE_BYTES;
}
