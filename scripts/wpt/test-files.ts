/** Finds the tests of an area, and reads what the head of a test file asks for. */
import { join, posix } from "node:path";
import { AREAS, isNotRun } from "./areas.ts";

export interface TestFile {
  area: string;
  /** Within the checkout. */
  path: string;
  /** A query string, or "". */
  variant: string;
  /** Scripts of the checkout that come before the test. */
  scripts: string[];
  title: string | null;
  long: boolean;
  source: string;
}

export interface TestList {
  tests: TestFile[];
  /** Path and why it does not run. */
  skipped: [path: string, why: string][];
}

const META = /^\/\/\s*META:\s*(\w+)=(.*)$/gm;
/** Globals that a runtime without documents can stand for. */
const AS_WORKER = /(?:^|,)(?:worker|dedicatedworker|jsshell|shadowrealm)(?:,|$)/;

const NEEDS_TLS = /^\?(?:wss|wpt_flags=h2)/;

function readTest(area: string, path: string, source: string): TestFile[] | string {
  const head = source.slice(0, source.search(/^(?!\/\/)./m));
  const values = (key: string): string[] =>
    [...head.matchAll(META)].flatMap(([, name, value = ""]) =>
      name === key ? [value.trim()] : [],
    );
  const [globals = "worker"] = values("global");
  if (!AS_WORKER.test(globals.replaceAll(" ", ""))) return `for ${globals} only`;
  const variants = values("variant").filter((variant) => !NEEDS_TLS.test(variant));
  const [title = null] = values("title");
  const test = {
    area,
    path,
    source,
    title,
    long: values("timeout").includes("long"),
    scripts: values("script").map((script) =>
      posix.resolve("/", posix.dirname(path), script).slice(1),
    ),
  };
  return (variants.length > 0 ? variants : [""]).map((variant) => Object.assign({ variant }, test));
}

function pathsOf(checkout: string, area: string): string[] {
  const glob = new Bun.Glob("**/*.any.js");
  return (AREAS[area] ?? [])
    .flatMap((folder) =>
      [...glob.scanSync({ cwd: join(checkout, folder) })].map((name) => posix.join(folder, name)),
    )
    .sort();
}

export async function findTests(
  checkout: string,
  areas: readonly string[],
  wanted: (path: string) => boolean,
): Promise<TestList> {
  const list: TestList = { tests: [], skipped: [] };
  for (const area of areas)
    for (const path of pathsOf(checkout, area).filter(wanted)) {
      if (isNotRun(path)) {
        list.skipped.push([path, "needs TLS, HTTP/2, a worker of its own or WebSocketStream"]);
        continue;
      }
      const found = readTest(area, path, await Bun.file(join(checkout, path)).text());
      if (typeof found === "string") list.skipped.push([path, found]);
      else list.tests.push(...found);
    }
  return list;
}
