/** Bundles one script with Bun.build. Runs in the builder process only: what it parses is hostile. */
import type { BunPlugin } from "bun";
import type { BuildInput, BuildResult } from "../shared/builder.ts";
import { BuildFailure, findSpecifier } from "./build-failure.ts";
import { builtinModuleText } from "./builtins.ts";
import { loaderFor } from "./loader.ts";
import { binarySource } from "./binary-source.ts";
import { LEGACY_DECORATOR_HELPERS, rawSource, sourceOf } from "./module-source.ts";
import { finishOutput, META_RESOLVE } from "./output.ts";
import { PackageFailure, type PackageStore } from "./packages/package-store.ts";
import { jsonPosition } from "./json-position.ts";
import { ConfigFailure, type Project, readProject } from "./project.ts";
import { checkStrictly } from "./strict-check.ts";
import { type ModuleId, packageLabel, Resolver, SPACE } from "./resolver.ts";

const ENTRY = "picloud-entry";
const CODE_BYTES_MAX = 4 << 20;
const SOURCE_BYTES_MAX = 16 << 20;
/** What is larger than a bundle may be is built again with the next. Names stay as long as they can: stacks show them. */
const MINIFY = {
  0: false,
  1: { whitespace: true, syntax: true, identifiers: false },
  2: { whitespace: true, syntax: true, identifiers: true, keepNames: true },
} as const;
const MODULES_MAX = 10_000;
const TOO_DEEP = "The code is nested too deeply";

export async function bundle(input: BuildInput, store: PackageStore): Promise<BuildResult> {
  try {
    return await bundleOrThrow(input, store);
  } catch (error) {
    if (error instanceof ConfigFailure) {
      const { line, column } = await jsonPosition(input.files[error.file] ?? "");
      return failed(error.file, line, column, error.message);
    }
    if (error instanceof BuildFailure)
      return failed(error.file, error.line, error.column, error.message);
    const message = error instanceof Error ? error.message : String(error);
    return failed(input.entry, 1, 1, message === "" ? "The script does not build" : message);
  }
}

async function bundleOrThrow(
  input: BuildInput,
  store: PackageStore,
  required: ReadonlySet<string> = new Set(),
  minify: keyof typeof MINIFY = 0,
): Promise<BuildResult> {
  checkInput(input);
  const project = readProject(input.files);
  const resolver = new Resolver(input, project, store, required);
  const failures: BuildFailure[] = [];
  const output = await Bun.build({
    ...options(input, project, resolver, failures),
    minify: MINIFY[minify],
  });
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  const { doubled } = resolver.packages;
  if (doubled.length > 0)
    return bundleOrThrow(input, store, new Set([...required, ...doubled]), minify);
  if (!output.success) throw fromLogs(output.logs, input);
  const code = await output.outputs.find((item) => item.kind === "entry-point")?.text();
  const map = await output.outputs.find((item) => item.kind === "sourcemap")?.text();
  if (code === undefined)
    throw new BuildFailure("The script builds to nothing", { file: input.entry });
  // The finishing steps parse it, which a large one should be spared.
  if (Buffer.byteLength(code) > CODE_BYTES_MAX && minify < 2)
    return bundleOrThrow(input, store, required, minify === 0 ? 1 : 2);
  const finished = finishOutput(code, map ?? null, input.entry);
  if (Buffer.byteLength(finished.code) > CODE_BYTES_MAX)
    throw new BuildFailure(`The bundled script is larger than ${CODE_BYTES_MAX} bytes`, {
      file: input.entry,
    });
  if (input.strict === true) checkStrictly(finished.code, finished.sourceMap, input.entry);
  const packages = [...resolver.packages.packages.values()].map((pkg) => [
    packageLabel(pkg),
    pkg.version,
  ]);
  return {
    ok: true,
    ...finished,
    files: { ...input.files },
    packages: Object.fromEntries(packages) as Record<string, string>,
    lock: resolver.packages.lock,
  };
}

function checkInput({ files, assets = {}, entry }: BuildInput): void {
  if (!Object.hasOwn(files, entry))
    throw new BuildFailure(`The entry "${entry}" is not among the files`, { file: entry });
  let total = 0;
  for (const source of [...Object.values(files), ...Object.values(assets)]) total += source.length;
  if (total > SOURCE_BYTES_MAX)
    throw new BuildFailure(`The files are larger than ${SOURCE_BYTES_MAX} bytes in all`, {
      file: entry,
    });
}

function options(
  input: BuildInput,
  project: Project,
  resolver: Resolver,
  failures: BuildFailure[],
): Parameters<typeof Bun.build>[0] {
  const { runtime, importSource, factory, fragment } = project.jsx;
  const url = `file:///${input.entry}`;
  const settings = {
    entrypoints: [ENTRY],
    target: "browser",
    format: "esm",
    throw: false,
    macros: false,
    sourcemap: "external",
    jsx: { runtime, importSource, factory, fragment, development: false },
    define: {
      "process.env.NODE_ENV": '"production"',
      "import.meta.url": JSON.stringify(url),
      "import.meta.main": "true",
      "import.meta.resolve": META_RESOLVE,
      // Packages in CommonJS name these even where they never use them.
      __filename: JSON.stringify(`/${input.entry}`),
      __dirname: JSON.stringify("/"),
      "import.meta.filename": JSON.stringify(`/${input.entry}`),
      "import.meta.dirname": JSON.stringify(`/${input.entry}`.replace(/\/[^/]*$/, "") || "/"),
    },
    plugins: [plugin(input, project, resolver, failures)],
  };
  // The typings of this Bun version do not know `macros` yet.
  return settings as unknown as Parameters<typeof Bun.build>[0];
}

function plugin(
  input: BuildInput,
  project: Project,
  resolver: Resolver,
  failures: BuildFailure[],
): BunPlugin {
  return {
    name: "picloud",
    setup(build) {
      const owners = new Map<string, ModuleId>();
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind === "entry-point-build")
          return own(owners, { namespace: SPACE.author, path: input.entry });
        if (args.path === "bun:wrap" && project.experimentalDecorators)
          return own(owners, { namespace: SPACE.helpers, path: "decorators" });
        const importer = owners.get(args.importer) ?? {
          namespace: SPACE.author,
          path: input.entry,
        };
        const kind = args.kind.startsWith("require") ? "require" : "import";
        try {
          if (owners.size >= MODULES_MAX)
            throw new BuildFailure(`The script has more than ${MODULES_MAX} modules`, {
              file: input.entry,
            });
          return own(owners, await resolver.resolve(importer, args.path, kind));
        } catch (error) {
          // Packages guard optional dependencies by `try { require(...) }`, and import() rejects: both when they run.
          const optional = kind === "require" && importer.namespace === SPACE.packages;
          if (args.kind === "dynamic-import" || (optional && error instanceof PackageFailure))
            return own(owners, { namespace: SPACE.builtin, path: `missing:${args.path}` });
          failures.push(failureAt(error, importer, args.path, input));
          return own(owners, { namespace: SPACE.empty, path: "empty" });
        }
      });
      build.onLoad({ filter: /.*/, namespace: SPACE.builtin }, (args) => ({
        contents: builtinModuleText(unrooted(args.path)),
        loader: "js",
      }));
      build.onLoad({ filter: /.*/, namespace: SPACE.helpers }, () => ({
        contents: LEGACY_DECORATOR_HELPERS,
        loader: "js",
      }));
      build.onLoad({ filter: /.*/, namespace: SPACE.empty }, () => ({
        contents: "module.exports = {}",
        loader: "js",
      }));
      build.onLoad({ filter: /.*/, namespace: SPACE.author }, (args) => {
        const path = unrooted(args.path);
        const failure = tooLarge(path, input.files[path] ?? "");
        if (failure !== null) {
          failures.push(failure);
          return { contents: "", loader: "js" };
        }
        return sourceOf(path, input.files[path] ?? "", project);
      });
      build.onLoad({ filter: /.*/, namespace: SPACE.raw }, (args) => {
        const [, form = "", path = ""] = /^(\w+)\/(.*)$/.exec(unrooted(args.path)) ?? [];
        const text = input.files[path];
        const base64 = input.assets?.[path] ?? "";
        try {
          const failure = tooLarge(path, text ?? base64, form);
          if (failure !== null) throw failure;
          return text === undefined ? binarySource(form, base64) : rawSource(form, text);
        } catch (error) {
          failures.push(failureAt(error, { namespace: SPACE.author, path }, "", input));
          return { contents: "", loader: "js" };
        }
      });
      build.onLoad({ filter: /.*/, namespace: SPACE.packages }, (args) => {
        const { pkg, file } = resolver.packageFile(unrooted(args.path));
        if (file.endsWith(".wasm"))
          return binarySource("wasm", Buffer.from(pkg.readBytes(file)).toString("base64"));
        return sourceOf(file, pkg.read(file));
      });
    },
  };
}

/** Data larger than a bundle may be would only keep the builder busy. */
function tooLarge(path: string, text: string, form = ""): BuildFailure | null {
  const loader = loaderFor(path);
  const isData = form !== "" || loader === "json" || loader === "text";
  if (!isData || Buffer.byteLength(text) <= CODE_BYTES_MAX) return null;
  const instead = form === "" || form === "text" ? "Deno.readTextFile" : "Deno.readFile";
  const size = `it is larger than a script may be (${CODE_BYTES_MAX} bytes${form === "bytes" ? " of base64" : ""})`;
  return new BuildFailure(`Cannot import "${path}": ${size}; read it with ${instead}`, {
    file: path,
  });
}

/** The bundler reports an importer by its path alone: the namespace in front of it keeps author and packages apart. */
function own(owners: Map<string, ModuleId>, id: ModuleId): { path: string; namespace: string } {
  const path = `/${id.namespace}/${id.path}`;
  owners.set(path, id);
  return { path, namespace: id.namespace };
}

const unrooted = (path: string): string => path.slice(path.indexOf("/", 1) + 1);

function failureAt(
  error: unknown,
  importer: ModuleId,
  specifier: string,
  input: BuildInput,
): BuildFailure {
  if (error instanceof BuildFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const file = importer.namespace === SPACE.author ? importer.path : input.entry;
  return new BuildFailure(message, { file, ...findSpecifier(input.files[file] ?? "", specifier) });
}

function fromLogs(
  logs: readonly (BuildMessage | ResolveMessage)[],
  input: BuildInput,
): BuildFailure {
  const log = logs.find((item) => item.level === "error" && item.position !== null) ?? logs[0];
  const message = (log?.message ?? "The script does not build")
    .replaceAll(/"(?:script|package|picloud):\/(?:script|package|picloud)\//g, '"')
    .replace(/ Maybe you need to "bun install"\?$/, "")
    .replace(/^Maximum call stack size exceeded.*/s, TOO_DEEP);
  const position = log?.position;
  const path = position?.file ?? "";
  const isRaw = path.startsWith(`/${SPACE.raw}/`);
  const at = isRaw ? path.slice(path.indexOf("/", SPACE.raw.length + 2) + 1) : unrooted(path);
  const isAuthors = isRaw || path.startsWith(`/${SPACE.author}/`);
  if (position === null || position === undefined || !isAuthors)
    return new BuildFailure(
      path.startsWith(`/${SPACE.packages}/`) ? `${message} (in ${at})` : message,
      { file: input.entry },
    );
  return new BuildFailure(message, {
    file: at,
    line: Math.max(1, position.line),
    column: Math.max(1, position.column),
  });
}

const failed = (file: string, line: number, column: number, message: string): BuildResult => ({
  ok: false,
  file,
  line,
  column,
  message,
});
