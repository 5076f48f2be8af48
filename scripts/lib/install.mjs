// Plain Node, no packages: this is what runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";

export const root = path.resolve(
  import.meta.dirname ?? new URL(".", import.meta.url).pathname,
  "../..",
);
export const bun = path.join(root, "node_modules/.bin/bun");

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return undefined;
  }
}

/** Why packages must be installed first, or undefined when what the lockfile names is all there. */
export function whyStale() {
  const installed = lockedPackages(path.join(root, "node_modules/.package-lock.json"));
  if (!installed || !existsSync(bun)) return "no packages are installed yet";
  const wanted = lockedPackages(path.join(root, "package-lock.json")) ?? {};
  for (const [name, entry] of Object.entries(wanted)) {
    // Optional ones may be for another processor.
    if (name === "" || entry.optional || entry.peer) continue;
    if (installed[name]?.version !== entry.version) return `${name} is not at ${entry.version}`;
  }
  return undefined;
}

export function ensureInstalled() {
  const reason = whyStale();
  if (!reason) return;
  const fresh = !existsSync(path.join(root, "node_modules"));
  process.stderr.write(`Installing packages (${reason})\n`);
  // ci deletes node_modules first, which would pull the ground from under a running server.
  const commands = fresh ? [["ci"], ["install", "--no-save"]] : [["install", "--no-save"]];
  for (const command of commands) {
    const args = [...command, "--no-audit", "--no-fund", "--loglevel=error"];
    if (spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2] }).status === 0) return;
  }
  process.stderr.write(
    "Cannot install packages: npm failed. Check the network, then run it again\n",
  );
  process.exit(1);
}

/** Runs bun with the arguments, passing signals on, and ends with its exit code. */
export function runBun(args) {
  const child = spawn(bun, args, { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`Cannot run ${bun}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
