/** Members of Deno 2.9 that a sandbox cannot have, by what to use in their place. */
import { notSupported } from "./errors.ts";

const ABSENT: readonly (readonly [instead: string, names: string])[] = [
  [
    "a script's files are read-only; keep data in a database, over fetch or Deno.connect; Deno.openKv comes with a later version",
    "writeFile writeFileSync writeTextFile writeTextFileSync chmod chmodSync chown chownSync copyFile copyFileSync create createSync makeTempDir makeTempDirSync makeTempFile makeTempFileSync mkdir mkdirSync remove removeSync rename renameSync truncate truncateSync symlink symlinkSync link linkSync utime utimeSync umask watchFs",
  ],
  [
    "there are no processes in the sandbox; call another script with fetch",
    "Command ChildProcess Process run spawn spawnAndWait spawnAndWaitSync kill",
  ],
  [
    "requests reach a script by its routes: use Deno.serve",
    "listen listenTls serveHttp listenDatagram QuicEndpoint connectQuic upgradeWebTransport",
  ],
  [
    "native code cannot be loaded; use WebAssembly",
    "dlopen UnsafeCallback UnsafePointer UnsafePointerView UnsafeFnPointer UnsafeWindowSurface",
  ],
  ["fetch needs no client object", "createHttpClient HttpClient"],
  ["connect with Deno.connectTls", "startTls"],
  ["a script's files are all under /", "chdir"],
  ["a script is bundled when it is deployed", "bundle"],
  ["notebooks are no part of the platform", "jupyter"],
];

const KV =
  "the key-value store and its queues come with a later version; until then reach a database with fetch or Deno.connect";
const LATER: Readonly<Record<string, string>> = {
  openKv: KV,
  Kv: KV,
  KvU64: KV,
  KvListIterator: KV,
  AtomicOperation: KV,
  cron: "schedules come with a later version; until then let a timer outside, such as cron with curl, call a route",
};

/** Callable and constructible, so that a class that extends one fails when it is made, not when it loads. */
function absent(name: string, instead: string): () => never {
  const refuse = function (): never {
    throw notSupported(name, instead);
  };
  return Object.defineProperty(refuse, "name", { value: name });
}

export function addAbsent(target: Record<string, unknown>): void {
  for (const [instead, names] of ABSENT)
    for (const name of names.split(" ")) target[name] ??= absent(name, instead);
  for (const name of Object.keys(LATER)) target[name] ??= absent(name, LATER[name] ?? "");
}
