/** ES module source for the modules that guest parts provide (`node:buffer`, `picloud` ...). */
import { LAZY_MODULES } from "../guest/parts.ts";
import type { Machine } from "./machine.ts";

/** What loading a module needs of a sandbox. */
interface Loader {
  readonly machine: Machine;
  loadPartOnce(name: string): void;
}

const PART_OF_MODULE = new Map(
  Object.entries(LAZY_MODULES).flatMap(([part, names]) => names.map((name) => [name, part])),
);

export const partOfModule = (specifier: string): string | undefined =>
  PART_OF_MODULE.get(specifier);

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Undefined where no part of this build provides the module. */
export function builtInModuleSource(sandbox: Loader, specifier: string): string | undefined {
  const part = partOfModule(specifier);
  if (part !== undefined) sandbox.loadPartOnce(part);
  const { machine } = sandbox;
  const result = machine.call(machine.roots.moduleNames, [machine.newValue(specifier)]);
  const names = machine.read(result);
  machine.free(result);
  if (typeof names !== "string") return undefined;
  return exportStatements(specifier, names.split("\n"));
}

function exportStatements(specifier: string, names: string[]): string {
  const named = names.filter((name) => name !== "default" && IDENTIFIER.test(name));
  const source = `const m=globalThis[Symbol.for("picloud.module")](${JSON.stringify(specifier)});`;
  const bindings = named.map(
    (name, i) => `const e${i}=m[${JSON.stringify(name)}];export{e${i} as ${name}};`,
  );
  const fallback = names.includes("default") ? "m.default" : "m";
  return `${source}${bindings.join("")}export default ${fallback};`;
}
