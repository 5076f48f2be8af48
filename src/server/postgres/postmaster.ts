/** One run of the postgres program: started, ready, ended. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Logger } from "../../shared/logger.ts";
import type { PostgresPrograms } from "./binaries.ts";
import { asUser } from "./service-user.ts";
import type { ServiceUser } from "./service-user.ts";
import { settingArguments } from "./settings.ts";
import type { PostgresSettings } from "./settings.ts";

const READY_POLL_MS = 4;
/** Replaying the log after a power cut takes a while on an SD card. */
const READY_TIMEOUT_MS = 300_000;
const STATUS_LINE = 7;

export interface PostmasterOptions {
  programs: PostgresPrograms;
  clusterDir: string;
  socketDir: string;
  user: ServiceUser | null;
  settings: PostgresSettings;
  logger: Logger;
}

export interface Postmaster {
  readonly pid: number;
  /** Settles when the process is gone, with how it ended; never rejects. */
  readonly ended: Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** Resolves when it takes connections. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const { programs, clusterDir, socketDir, user, settings, logger } = options;
  const child = spawn(
    programs.postgres,
    ["-D", clusterDir, "-k", socketDir, ...settingArguments(settings)],
    {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", TZ: "UTC" },
      stdio: ["ignore", "ignore", "pipe"],
      // In a group of its own: Ctrl-C in a terminal must not stop it before its clients.
      detached: true,
      ...asUser(user),
    },
  );
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastLines.splice(0, lastLines.length - 9);
    lastLines.push(line);
    forward(logger, line);
  });
  let end: string | undefined;
  const ended = new Promise<string>((resolve) => {
    const settle = (how: string): void => resolve((end = how));
    child.on("error", (error) => settle(error.message));
    child.on("close", (code, signal) => settle(signal ?? `exit code ${code}`));
  });
  for (let waited = 0; !isReady(clusterDir, child.pid); waited += READY_POLL_MS) {
    if (end !== undefined) {
      throw new Error(`Cannot start PostgreSQL: it ended with ${end}: ${lastLines.join(" | ")}`);
    }
    if (waited >= READY_TIMEOUT_MS) {
      child.kill("SIGQUIT");
      throw new Error(
        `Cannot start PostgreSQL: it was not ready after ${READY_TIMEOUT_MS / 1000} s`,
      );
    }
    await Bun.sleep(READY_POLL_MS);
  }
  return { pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) };
}

/** postmaster.pid: the pid in its first line, its state in the eighth. */
function isReady(clusterDir: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(path.join(clusterDir, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[STATUS_LINE]?.trim() === "ready";
  } catch {
    return false;
  }
}

/** FATAL is about one session, mostly that its client did something wrong. */
function forward(logger: Logger, line: string): void {
  const [, severity, text] = /^(LOG|WARNING|ERROR|FATAL|PANIC): +(.*)$/.exec(line) ?? [];
  if (severity === "PANIC") logger.error("PostgreSQL said", { severity, text });
  else logger.debug("PostgreSQL said", { severity, text: text ?? line });
}
