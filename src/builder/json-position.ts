import type { BunPlugin, Loader } from "bun";

/** Where a text stops being JSON with comments, which only the bundler tells; the beginning where it does not. */
export async function jsonPosition(source: string): Promise<{ line: number; column: number }> {
  const plugin: BunPlugin = {
    name: "configuration",
    setup(build) {
      const namespace = "configuration";
      build.onResolve({ filter: /.*/ }, () => ({ path: "file", namespace }));
      // The typings of this Bun version do not know the loader.
      const loader = "jsonc" as Loader;
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents: source, loader }));
    },
  };
  const { logs } = await Bun.build({ entrypoints: ["file"], plugins: [plugin], throw: false });
  const position = logs.find((log) => log.position !== null)?.position;
  return { line: Math.max(1, position?.line ?? 1), column: Math.max(1, position?.column ?? 1) };
}
