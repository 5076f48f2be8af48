/** CPU time of a process and its children, from /proc: unlike rates, steady on a machine that others use too. */
import { readFileSync, readdirSync } from "node:fs";

const MS_PER_TICK = 10;

interface Stat {
  parent: number;
  ms: number;
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      parent: Number(fields[1]),
      ms: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    };
  } catch {
    return undefined;
  }
}

/** Milliseconds in user and system mode together; of processes that are alive now. */
export function treeCpuMs(root: number): number {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : undefined;
    if (stat !== undefined) stats.set(pid, stat);
  }
  const inTree = (pid: number): boolean => {
    for (let at = pid, depth = 0; depth < 10; depth += 1) {
      if (at === root) return true;
      const parent = stats.get(at)?.parent;
      if (parent === undefined || parent <= 1) return false;
      at = parent;
    }
    return false;
  };
  let total = 0;
  for (const [pid, { ms }] of stats) if (inTree(pid)) total += ms;
  return total;
}
