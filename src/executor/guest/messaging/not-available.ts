/** Classes that exist, and say what to use instead when they are made. */
import { defineInterface } from "../events/idl.ts";
import { usePart } from "../registry.ts";

interface DenoPart {
  complete(): { errors?: { NotSupported?: new (message: string) => Error } };
}

/** `Deno.errors.NotSupported`, which other runtimes' code knows how to catch. */
export function notSupported(name: string, instead: string): Error {
  const message = `${name} is not available in PiCloud: ${instead}`;
  const NotSupported = usePart<DenoPart>("deno").complete().errors?.NotSupported;
  return NotSupported === undefined ? new TypeError(message) : new NotSupported(message);
}

export function notAvailable(name: string, instead: string): abstract new () => object {
  const cls = function (): never {
    throw notSupported(name, instead);
  };
  defineInterface(cls, name, 0);
  return cls as unknown as abstract new () => object;
}
