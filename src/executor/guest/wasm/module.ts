/** Module: its bytes stay in the guest, so that a fork can hand them to another host. */
import { bytesOf, textOf } from "../crypto/convert.ts";
import { bindBuiltins, type ExternType, type ImportType } from "./builtins.ts";
import { defineWasmInterface } from "./descriptors.ts";
import { host } from "./host.ts";

export interface ModuleSlots {
  key: string;
  bytes: Uint8Array;
  imports: ImportType[];
  exports: ExternType[];
}

let slotsOf: (value: unknown) => ModuleSlots | undefined;

export class Module {
  #slots: ModuleSlots;
  constructor(source: unknown, options: unknown = undefined) {
    const bytes = bytesOf(source, "the module").slice();
    this.#slots = {
      bytes,
      ...(JSON.parse(host.compile(bytes) as string) as Omit<ModuleSlots, "bytes">),
    };
    bindBuiltins(this.#slots.imports, options);
  }
  static exports(module: unknown): object[] {
    return moduleSlots(module).exports.map(({ name, kind }) => ({ name, kind }));
  }
  static imports(module: unknown): object[] {
    return moduleSlots(module)
      .imports.filter(({ builtin }) => builtin === undefined)
      .map(({ module: from, name, kind }) => ({ module: from, name, kind }));
  }
  static customSections(module: unknown, name: unknown): ArrayBuffer[] {
    const { bytes } = moduleSlots(module);
    if (name === undefined) throw new TypeError("Cannot give custom sections: the name is missing");
    const places = JSON.parse(host.customSections(bytes, textOf(name)) as string) as [
      from: number,
      to: number,
    ][];
    return places.map(([from, to]) => bytes.slice(from, to).buffer);
  }
  static {
    slotsOf = (value) =>
      typeof value === "object" && value !== null && #slots in value ? value.#slots : undefined;
  }
}

export const isModule = (value: unknown): value is Module => slotsOf(value) !== undefined;

export function moduleSlots(value: unknown): ModuleSlots {
  const slots = slotsOf(value);
  if (!slots) throw new TypeError("Cannot use the value: it is not a WebAssembly.Module");
  return slots;
}

defineWasmInterface(Module, "Module", 1);
for (const name of ["exports", "imports", "customSections"])
  Object.defineProperty(Module, name, { enumerable: true });
