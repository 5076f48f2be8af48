import type { Loader } from "bun";

/** Code and JSON by their extension; everything else is text. Bun's other loaders read disks, databases or HTML. */
const LOADERS: Readonly<Record<string, Loader>> = {
  ts: "ts",
  mts: "ts",
  cts: "ts",
  tsx: "tsx",
  js: "jsx",
  mjs: "jsx",
  cjs: "jsx",
  jsx: "jsx",
  json: "json",
};

export const extensionOf = (path: string): string =>
  /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";

export const loaderFor = (path: string): Loader => LOADERS[extensionOf(path)] ?? "text";
