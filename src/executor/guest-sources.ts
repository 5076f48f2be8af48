/**
 * The guest runtime as source text, one function expression per part. In development it is bundled
 * from the TypeScript beside this file; a build replaces this module by its result (`guestSourcesPlugin`).
 */
import { type BunPlugin, Glob } from "bun";
import { dirname, join } from "node:path";

/** Part name to source. `kernel` is evaluated first, then `core`; the rest when it is needed. */
export type GuestSources = Readonly<Record<string, string>>;

let sources: Promise<GuestSources> | undefined;

/** Bundles once per process. Throws with the bundler's messages where a part does not compile. */
export function guestSources(): Promise<GuestSources> {
  sources ??= bundleGuestSources();
  return sources;
}

export async function bundleGuestSources(): Promise<GuestSources> {
  const root = join(import.meta.dir, "guest");
  const entries = [...new Glob("*/part.ts").scanSync({ cwd: root })].sort();
  const bundled = await Promise.all(entries.map((entry) => bundlePart(join(root, entry))));
  return Object.fromEntries(entries.map((entry, i) => [dirname(entry), bundled[i] ?? ""]));
}

/** What packages inside a part ask of Node, they get from the guest's own parts. */
const aliases: BunPlugin = {
  name: "guest-aliases",
  setup(build) {
    build.onResolve(
      { filter: /^(buffer|events|process|string_decoder|abort-controller)\/?$/ },
      ({ path }) => ({
        path: join(import.meta.dir, "guest/node-stream/shims", `${path.replace("/", "")}.ts`),
      }),
    );
  },
};

async function bundlePart(entry: string): Promise<string> {
  const result = await Bun.build({
    entrypoints: [entry],
    target: "browser",
    format: "iife",
    // Names are shared with scripts, so that shorter ones save nothing in an image; in the executable they do.
    minify: { syntax: true, whitespace: true, identifiers: entry.endsWith("temporal/part.ts") },
    macros: false,
    throw: false,
    plugins: [aliases],
    define: { "process.env.NODE_ENV": '"production"' },
  } as Parameters<typeof Bun.build>[0]);
  const [output] = result.outputs;
  if (!result.success || output === undefined) {
    throw new Error(`Guest part ${entry} does not bundle: ${result.logs.map(String).join("; ")}`);
  }
  return output.text();
}
