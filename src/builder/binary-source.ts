/** Modules made of files that are no text. */

/** `bytes`: a Uint8Array. `wasm`: the compiled module, as Workers import it. `instance`: what it exports, as Deno does. */
export function binarySource(form: string, base64: string): { contents: string; loader: "js" } {
  const bytes = `Uint8Array.fromBase64("${base64}")`;
  if (form === "bytes") return { contents: `export default ${bytes};`, loader: "js" };
  const compiled = `new WebAssembly.Module(${bytes})`;
  if (form === "wasm") return { contents: `export default ${compiled};`, loader: "js" };
  return { contents: instanceSource(compiled, base64), loader: "js" };
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Reads the names only; throws what is wrong with a module that does not compile. */
function instanceSource(compiled: string, base64: string): string {
  const module = new WebAssembly.Module(Buffer.from(base64, "base64"));
  const from = [...new Set(WebAssembly.Module.imports(module).map((item) => item.module))];
  const names = WebAssembly.Module.exports(module).map((item) => item.name);
  const imports = from.map((name, i) => `import * as from${i} from ${JSON.stringify(name)};`);
  const given = from.map((name, i) => `${JSON.stringify(name)}: from${i}`).join(", ");
  const named = names
    .filter((name) => IDENTIFIER.test(name) && name !== "default")
    .map((name, i) => `const export${i} = own.${name}; export { export${i} as ${name} };`);
  return [
    ...imports,
    `const compiled = ${compiled}, { exports: own } = new WebAssembly.Instance(compiled, { ${given} });`,
    ...named,
    `export default ${names.includes("default") ? "own.default" : "compiled"};`,
  ].join("\n");
}
