/** Everything of the Deno object but `serve`. */
import { definePart, usePart } from "../registry.ts";
import { addAbsent } from "./absent.ts";
import { denoError, errors } from "./errors.ts";
import { connect, connectTls, resolveDns } from "./network.ts";
import { system } from "./system.ts";
import { tests } from "./tests.ts";

const FILE_MEMBERS =
  "readFile readFileSync readTextFile readTextFileSync readDir readDirSync stat statSync lstat lstatSync realPath realPathSync readLink readLinkSync open openSync FsFile".split(
    " ",
  );

function install(target: Record<string | symbol, unknown>): void {
  Object.defineProperties(target, Object.getOwnPropertyDescriptors(system));
  Object.assign(target, {
    errors,
    resolveDns,
    connect,
    connectTls,
    internal: Symbol("Deno.internal"),
    ...tests,
  });
  for (const name of FILE_MEMBERS) {
    Object.defineProperty(target, name, {
      configurable: true,
      enumerable: true,
      get: () => usePart<Record<string, unknown>>("deno-files")[name],
    });
  }
  addAbsent(target);
}

definePart("deno-system", { install, denoError });
