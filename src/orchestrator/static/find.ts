/** Which file of a script a path names. */
import type { ExecutableScript } from "../../shared/execution.ts";
import { Asset } from "./asset.ts";

const INDEX = "index.html";
const encoder = new TextEncoder();
/** Goes with the script's version: nothing has to be forgotten by hand. */
const assetsOf = new WeakMap<ExecutableScript, Map<string, Asset>>();

/** The file that `path` (as it came, without query) names under one of the script's folders. */
export function findAsset(script: ExecutableScript, path: string): Asset | undefined {
  const name = fileName(script.static ?? {}, path);
  return name === undefined ? undefined : assetOf(script, name);
}

/** The longest beginning wins. Segments are decoded each on its own, so that no slash comes of it. */
function fileName(mounts: Readonly<Record<string, string>>, path: string): string | undefined {
  let best: string | undefined;
  for (const prefix of Object.keys(mounts))
    if (path.startsWith(prefix) && prefix.length > (best?.length ?? 0)) best = prefix;
  if (best === undefined) return undefined;
  const segments = path.slice(best.length).split("/").map(decoded);
  if (segments.at(-1) === "") segments[segments.length - 1] = INDEX;
  if (segments.some((segment) => segment === null || segment === "" || segment.includes("/")))
    return undefined;
  return [mounts[best], ...segments].join("/");
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

function assetOf(script: ExecutableScript, name: string): Asset | undefined {
  let known = assetsOf.get(script);
  if (known === undefined) assetsOf.set(script, (known = new Map()));
  let asset = known.get(name);
  if (asset !== undefined) return asset;
  const bytes = contentOf(script, name);
  if (bytes === undefined) return undefined;
  asset = new Asset(name, bytes);
  known.set(name, asset);
  return asset;
}

function contentOf({ files, assets = {} }: ExecutableScript, name: string): Uint8Array | undefined {
  if (Object.hasOwn(files, name)) return encoder.encode(files[name]);
  return Object.hasOwn(assets, name) ? Uint8Array.fromBase64(assets[name] ?? "") : undefined;
}
