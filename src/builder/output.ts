/** The last steps on the bundler's text: what QuickJS needs changed, and a source map in the author's terms. */
import { BuildFailure } from "./build-failure.ts";
import { keepAsyncContext } from "./keep-async-context.ts";
import { lowerForAwait } from "./lower-for-await.ts";
import { lowerYieldHeads } from "./lower-yield-heads.ts";

/** The typings of this Bun version know `macro` only as a table. */
const SCANNER = { loader: "js", macro: false } as unknown as ConstructorParameters<
  typeof Bun.Transpiler
>[0];

/** What `import.meta.resolve` becomes in the bundle; declared there when it is used. */
export const META_RESOLVE = "__importMetaResolve";

const resolveDeclaration = (entry: string): string =>
  `const ${META_RESOLVE} = (specifier) => /^(\\.{0,2}\\/|\\.+$)/.test(specifier) ? new URL(specifier, ${JSON.stringify(`file:///${entry}`)}).href : specifier; `;

interface RawMap {
  sources: string[];
  mappings: string;
  names?: string[];
}

export function finishOutput(
  bundled: string,
  map: string | null,
  entry: string,
): { code: string; sourceMap: string | null } {
  const code = keepAsyncContext(
    lowerYieldHeads(
      lowerForAwait(bundled.replace(/\n*\/\/# (debugId|sourceMappingURL)=.*\s*$/g, "\n")),
    ),
  );
  const prelude = code.includes(META_RESOLVE) ? resolveDeclaration(entry) : "";
  const left = new Bun.Transpiler(SCANNER)
    .scanImports(code)
    .find((item) => item.kind === "import-statement");
  if (left !== undefined)
    throw new BuildFailure(`Cannot import "${left.path}" in this way`, { file: entry });
  return { code: prelude + code, sourceMap: map === null ? null : slimMap(map) };
}

/** The author's files are stored beside the code, so the map does not repeat them. */
function slimMap(map: string): string {
  const { sources, mappings, names } = JSON.parse(map) as RawMap;
  return JSON.stringify({
    version: 3,
    sources: sources.map(sourceName),
    names: names ?? [],
    mappings,
  });
}

const sourceName = (source: string): string =>
  source.replace(
    /^[a-z]+:\/(script\/|package\/|picloud\/|empty\/|helpers\/|raw\/(?:text|bytes)\/)?/,
    (_, space: string) => (space === "package/" ? "npm:" : space === "picloud/" ? "picloud:" : ""),
  );
