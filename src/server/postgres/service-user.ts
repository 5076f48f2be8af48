/** PostgreSQL refuses to run as root; this finds whom to run it as, without making a user. */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";

/** Undefined members mean: as this process. */
export interface ServiceUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** In this order: a user made for it, the distribution's, the one that every Linux has. */
const CANDIDATES = ["picloud", "postgres", "nobody"];

/**
 * Null when this process is not root and PostgreSQL can run as the same user.
 * A data directory that exists keeps its owner, whatever users were added since.
 */
export function postgresUser(
  clusterDir: string,
  passwd = readFileSync("/etc/passwd", "utf8"),
  isRoot = process.getuid?.() === 0,
): ServiceUser | null {
  if (!isRoot) return null;
  const users = parsePasswd(passwd);
  const owner = ownerOf(clusterDir);
  const kept =
    owner === undefined ? undefined : users.find(({ uid }) => uid === owner && uid !== 0);
  if (kept !== undefined) return kept;
  for (const name of CANDIDATES) {
    const user = users.find((candidate) => candidate.name === name && candidate.uid !== 0);
    if (user !== undefined) return user;
  }
  throw new Error(
    `Cannot start PostgreSQL as root: no user ${CANDIDATES.join(", ")} is in /etc/passwd. ` +
      "Add one of them, or start as an ordinary user",
  );
}

function parsePasswd(text: string): ServiceUser[] {
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

function ownerOf(directory: string): number | undefined {
  return statSync(directory, { throwIfNoEntry: false })?.uid;
}

/** The first directory on the way to `target`, itself included, that the user cannot enter. */
export function blockedDirectory(target: string, user: ServiceUser | null): string | undefined {
  const parents: string[] = [];
  for (let at = path.resolve(target); at !== "/"; at = path.dirname(at)) parents.unshift(at);
  // Entering them as that user also asks ACLs and mounts, which mode bits do not tell.
  const script = 'for d in "$@"; do cd "$d" 2>/dev/null || { printf %s "$d"; exit 1; }; done';
  const probe = spawnSync("/bin/sh", ["-c", script, "sh", ...parents], {
    cwd: "/",
    encoding: "utf8",
    ...asUser(user),
  });
  return probe.status === 0 ? undefined : probe.stdout || target;
}

/** @throws Error naming the directory that keeps the user out. */
export function assertReachable(target: string, user: ServiceUser | null): void {
  const blocked = blockedDirectory(target, user);
  if (blocked === undefined) return;
  const who = user === null ? "this user" : `user "${user.name}", which PostgreSQL runs as,`;
  throw new Error(
    `Cannot use the data directory "${target}": ${who} cannot enter "${blocked}". ` +
      `Let others pass through it (chmod o+x "${blocked}"), or set PICLOUD_DATA_DIR to another directory`,
  );
}

export const asUser = (user: ServiceUser | null): { uid?: number; gid?: number } =>
  user === null ? {} : { uid: user.uid, gid: user.gid };
