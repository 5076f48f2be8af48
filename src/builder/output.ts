/** The last steps on the bundler's text: what QuickJS needs changed, and a source map in the author's terms. */
import { BuildFailure } from "./build-failure.ts";
import { keepAsyncContext } from "./keep-async-context.ts";
import { lowerForAwait } from "./lower-for-await.ts";
import { lowerYieldHeads } from "./lower-yield-heads.ts";
import { lowerRegExps } from "./regexp/lower-regexps.ts";

/** The typings of this Bun version know `macro` only as a table. */
const SCANNER = { loader: "js", macro: false } as unknown as ConstructorParameters<
  typeof Bun.Transpiler
>[0];

/** What `import.meta.resolve` becomes in the bundle; declared there when it is used. */
export const META_RESOLVE = "__importMetaResolve";

const resolveDeclaration = (entry: string): string =>
  `const ${META_RESOLVE} = (specifier) => /^(\\.{0,2}\\/|\\.+$)/.test(specifier) ? new URL(specifier, ${JSON.stringify(`file:///${entry}`)}).href : specifier; `;

const LAST_MATCH =
  /\bRegExp(\.|\[")(\$[1-9&`'+_]|lastMatch|lastParen|leftContext|rightContext|input)/;
/** What the last match left on RegExp, which QuickJS does not keep; older packages read it. One line: positions stay. */
const LAST_MATCH_PRELUDE =
  `{ const { exec } = RegExp.prototype, { apply } = Reflect; let last = Object.assign([""], { index: 0, input: "" });
Object.defineProperty(RegExp.prototype, "exec", { value: { exec() { const found = apply(exec, this, arguments); if (found !== null) last = found; return found; } }.exec, writable: true, configurable: true });
const read = (names, get) => { for (const name of names) Object.defineProperty(RegExp, name, { get, set() {}, configurable: true }); };
for (let i = 1; i < 10; i++) read(["$" + i], () => last[i] ?? "");
read(["lastMatch", "$&"], () => last[0]); read(["lastParen", "$+"], () => (last.length > 1 ? last.at(-1) : undefined) ?? ""); read(["input", "$_"], () => last.input);
read(["leftContext", "$\`"], () => last.input.slice(0, last.index)); read(["rightContext", "$'"], () => last.input.slice(last.index + last[0].length)); } `.replaceAll(
    "\n",
    " ",
  );

/** The bundler's answer to a `require` of what it does not see, whole or minified. */
const DYNAMIC_REQUIRE =
  /throw Error\((?:'Dynamic require of "' ?\+ ?(\w+) ?\+ ?'" is not supported'|`Dynamic require of "\$\{(\w+)\}" is not supported`)\)/;

/** Modules of Node are there at run time too, by whatever expression a package names them. */
const findBuiltIns = (code: string): string =>
  code.replace(
    DYNAMIC_REQUIRE,
    (_text, plain?: string, minified?: string) =>
      `return globalThis[Symbol.for("picloud.module")]("node:" + String(${plain ?? minified ?? ""}).replace(/^node:/, ""))`,
  );

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
  const plain = findBuiltIns(bundled.replace(/\n*\/\/# (debugId|sourceMappingURL)=.*\s*$/g, "\n"));
  const code = keepAsyncContext(lowerYieldHeads(lowerForAwait(lowerRegExps(plain))));
  const prelude =
    (LAST_MATCH.test(code) ? LAST_MATCH_PRELUDE : "") +
    (code.includes(META_RESOLVE) ? resolveDeclaration(entry) : "");
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
    /^[a-z]+:\/(script\/|package\/|picloud\/|empty\/|helpers\/|raw\/\w+\/)?/,
    (_, space: string) => (space === "package/" ? "npm:" : space === "picloud/" ? "picloud:" : ""),
  );
