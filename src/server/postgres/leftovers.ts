/** Processes of an earlier PostgreSQL on the same data: after `kill -9` of the platform it lives on. */
import { readdirSync, readlinkSync, realpathSync } from "node:fs";

const POLL_MS = 10;

/**
 * Every process of PostgreSQL has the data directory as its working directory, which tells ours
 * from any other, whatever a pid file says and whoever has that pid today.
 */
export function processesIn(clusterDir: string): number[] {
  const wanted = realpathSync(clusterDir);
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return [];
    try {
      const isThere = readlinkSync(`/proc/${entry}/cwd`) === wanted;
      // A shell that someone opened there is none of ours. An upgrade leaves "postgres (deleted)".
      const isPostgres = /\/postgres( \(deleted\))?$/.test(readlinkSync(`/proc/${entry}/exe`));
      return isThere && isPostgres ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

/** Stops what is left: orderly first, by force at last. Gives the number of processes there were. */
export async function stopLeftovers(clusterDir: string, orderlyMs = 10_000): Promise<number> {
  const found = processesIn(clusterDir);
  if (found.length === 0) return 0;
  const attempts: [NodeJS.Signals, number][] = [
    ["SIGINT", orderlyMs],
    ["SIGQUIT", 3_000],
    ["SIGKILL", 3_000],
  ];
  for (const [name, patienceMs] of attempts) {
    signalAll(processesIn(clusterDir), name);
    if (await goneWithin(clusterDir, patienceMs)) return found.length;
  }
  throw new Error(
    `Cannot stop the PostgreSQL that still runs on "${clusterDir}" (process ${processesIn(clusterDir).join(", ")})`,
  );
}

function signalAll(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone between the look and the signal.
    }
  }
}

async function goneWithin(clusterDir: string, patienceMs: number): Promise<boolean> {
  for (let waited = 0; waited < patienceMs; waited += POLL_MS) {
    if (processesIn(clusterDir).length === 0) return true;
    await Bun.sleep(POLL_MS);
  }
  return processesIn(clusterDir).length === 0;
}
