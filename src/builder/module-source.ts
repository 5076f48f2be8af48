import type { Loader } from "bun";
import { extensionOf, loaderFor } from "./loader.ts";

/** A module as the bundler gets it. */
export function sourceOf(path: string, text: string): { contents: string; loader: Loader } {
  const loader = loaderFor(path);
  if (loader === "json" || loader === "text") return { contents: text, loader };
  const source = text.startsWith("#!") ? `//${text}` : text;
  return { contents: withJsxRuntime(path, source), loader };
}

/** As in Deno, `@jsx h` alone asks for the classic transform; the bundler wants that said. */
function withJsxRuntime(path: string, source: string): string {
  if (
    !/^[jt]sx$|^js$/.test(extensionOf(path)) ||
    !/@jsx\s/.test(source) ||
    source.includes("@jsxRuntime")
  )
    return source;
  return source.replace(/@jsx\s/, (pragma) => `@jsxRuntime classic ${pragma}`);
}
