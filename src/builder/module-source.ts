import type { Loader } from "bun";
import { extensionOf, loaderFor } from "./loader.ts";
import { binarySource } from "./binary-source.ts";
import type { JsxSettings, Project } from "./project.ts";

/** A module as the bundler gets it. `project` is given for the author's own files. */
export function sourceOf(
  path: string,
  text: string,
  project?: Project,
): { contents: string; loader: Loader } {
  const loader = loaderFor(path);
  if (loader === "json" || loader === "text") return { contents: text, loader };
  const source = withJsxRuntime(path, plainRequire(text.startsWith("#!") ? `//${text}` : text));
  if (
    project?.experimentalDecorators === true &&
    (loader === "ts" || loader === "tsx") &&
    source.includes("@")
  )
    return { contents: lowerLegacyDecorators(source, loader, project.jsx), loader: "js" };
  return { contents: source, loader };
}

const MADE_REQUIRE =
  /\b(?:const|let|var)\s+([\w$]+)\s*=\s*(?:[\w$]+\.)?createRequire\(\s*import\.meta\.url\s*\)\s*;?/;

/** A `require` that an ES module makes for itself, mostly for JSON, is the bundler's own. Line numbers stay. */
function plainRequire(source: string): string {
  if (!source.includes("createRequire")) return source;
  const name = MADE_REQUIRE.exec(source)?.[1];
  if (name === undefined) return source;
  const rest = source.replace(MADE_REQUIRE, (made) => made.replace(/[^\n]/g, " "));
  return rest.replaceAll(
    new RegExp(`(?<![\\w$.])${RegExp.escape(name)}(?=\\()`, "g"),
    () => "require",
  );
}

/** A file that was imported as data, whatever its extension says. */
export function rawSource(form: string, text: string): { contents: string; loader: Loader } {
  if (form === "bytes") return binarySource(form, Buffer.from(text).toString("base64"));
  return { contents: text, loader: form === "json" ? "json" : "text" };
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

/** The bundler takes this setting from a tsconfig.json on disk only. Positions in these files are lost. */
function lowerLegacyDecorators(source: string, loader: "ts" | "tsx", jsx: JsxSettings): string {
  const compilerOptions = {
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    jsx: jsx.runtime === "classic" ? "react" : "react-jsx",
    jsxImportSource: jsx.importSource,
    jsxFactory: jsx.factory,
    jsxFragmentFactory: jsx.fragment,
  };
  // The typings of this Bun version know neither `macro: false` nor these compiler options.
  const options = {
    loader,
    target: "browser",
    macro: false,
    tsconfig: { compilerOptions },
  } as unknown;
  return new Bun.Transpiler(
    options as ConstructorParameters<typeof Bun.Transpiler>[0],
  ).transformSync(source);
}

/** What the transpiler's output imports as `bun:wrap`. */
export const LEGACY_DECORATOR_HELPERS = `
export function __legacyDecorateClassTS(decorators, target, key, descriptor) {
  const own = arguments.length > 2;
  let result = !own ? target : descriptor === null ? Object.getOwnPropertyDescriptor(target, key) : descriptor;
  for (let i = decorators.length - 1; i >= 0; i--) {
    const decorate = decorators[i];
    if (decorate) result = (!own ? decorate(result) : descriptor === undefined ? decorate(target, key) : decorate(target, key, result)) || result;
  }
  if (own && result) Object.defineProperty(target, key, result);
  return result;
}
export const __legacyDecorateParamTS = (index, decorator) => (target, key) => decorator(target, key, index);
export const __legacyMetadataTS = (key, value) =>
  typeof Reflect.metadata === "function" ? Reflect.metadata(key, value) : undefined;
`;
