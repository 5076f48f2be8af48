/** The processes under one of ours, by /proc. */
import { readdirSync, readFileSync } from "node:fs";

interface Process {
  pid: number;
  parent: number;
  command: string;
}

function allProcesses(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(name), parent, command }];
      } catch {
        return [];
      }
    });
}

/** All below `pid` whose command line matches, parents first. */
export function descendants(pid: number, command: RegExp): number[] {
  const all = allProcesses();
  const found: Process[] = [];
  let level = all.filter(({ parent }) => parent === pid);
  while (level.length > 0) {
    found.push(...level);
    const parents = new Set(level.map((one) => one.pid));
    level = all.filter(({ parent }) => parents.has(parent));
  }
  return found.filter((one) => command.test(one.command)).map((one) => one.pid);
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}
