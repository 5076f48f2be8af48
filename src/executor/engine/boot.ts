/** Boots a machine to the point where a script's module can be evaluated in it. */
import type { Machine } from "./machine.ts";
import { evaluateTrusted, NATIVE, runPart } from "./sandbox.ts";

const NATIVE_FUNCTIONS = Object.entries(NATIVE);

/** Evaluates the kernel; afterwards `machine.roots` is complete. */
export function bootKernel(machine: Machine, kernelSource: string): void {
  machine.initialize();
  const { roots } = machine;
  const native = machine.exports.newObject(roots.context);
  for (const [name, functionId] of NATIVE_FUNCTIONS) {
    const value = machine.newFunction(name, functionId);
    machine.setProperty(native, name, value);
    machine.free(value);
  }
  const wrapper = evaluateTrusted(
    machine,
    `(function(__native){${kernelSource}\n})`,
    "picloud:kernel",
  );
  machine.free(machine.call(wrapper, [machine.newReference(native)]));
  machine.free(wrapper);
  roots.kernel = machine.property(native, "kernel");
  roots.entry = machine.property(native, "entry");
  roots.wrapBytes = machine.property(native, "wrapBytes");
  roots.raise = machine.property(native, "raise");
  roots.fromUnits = machine.property(native, "fromUnits");
  roots.flatten = machine.property(native, "flatten");
  roots.moduleNames = machine.property(native, "moduleNames");
  roots.rejection = machine.property(native, "rejection");
  machine.free(native);
}

/** The part that every image has. */
export function bootCore(machine: Machine, coreSource: string | undefined): void {
  if (coreSource !== undefined) runPart(machine, "core", coreSource);
}
