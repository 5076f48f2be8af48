/** Boots a machine to the point where a script's module can be evaluated in it. */
import type { Machine } from "./machine.ts";
import { EVAL } from "./abi.ts";
import { ENTER, evaluateTrusted, NATIVE, runPart } from "./sandbox.ts";

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
  roots.request = machine.property(native, "request");
  roots.wrapBytes = machine.property(native, "wrapBytes");
  roots.raise = machine.property(native, "raise");
  roots.fromUnits = machine.property(native, "fromUnits");
  roots.flatten = machine.property(native, "flatten");
  roots.moduleNames = machine.property(native, "moduleNames");
  roots.rejection = machine.property(native, "rejection");
  machine.free(native);
}

/**
 * Runs a few requests of no script, so that what QuickJS makes on first use (functions of built-in
 * prototypes, shapes, atoms) is made once, and not in every fork. The host operations do nothing here.
 */
export function warmUp(machine: Machine, operationNumber: (name: string) => number): void {
  const { hooks, roots } = machine;
  machine.hooks = {
    ...hooks,
    call: (id, args) => (id === NATIVE.op ? operationNumber(String(args[0])) : undefined),
  };
  const module = machine.evaluate(WARM_MODULE, "picloud:warm", EVAL.module);
  const kind = machine.newValue(ENTER.module);
  machine.free(machine.call(roots.entry, [kind, machine.newValue(0), module]));
  machine.drain();
  for (const name of ["json", "text", "async", "plain"]) {
    const url = `http://localhost/warm?${name}`;
    const input = [1, "GET", url, "host\nlocalhost", 0, undefined, '{"name":"x"}'];
    machine.enter(input, roots.request);
    machine.drain();
  }
  machine.enter([ENTER.event, 0, "rewind"]);
  machine.drain();
  machine.hooks = hooks;
}

const WARM_MODULE = `export default (request, info) => {
  const { method, url } = request;
  const data = { name: info.params.name, method, host: request.headers.get("host") };
  if (url.endsWith("json")) return Response.json(data);
  if (url.endsWith("text")) return new Response("text", { status: 201, headers: { "x-name": data.name } });
  if (url.endsWith("async")) return Promise.resolve(new Response(null));
  return data;
};`;

/** The part that every image has. */
export function bootCore(machine: Machine, coreSource: string | undefined): void {
  if (coreSource !== undefined) runPart(machine, "core", coreSource);
}
