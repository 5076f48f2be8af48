/** `error.stack` as V8 writes it: QuickJS gives the frames alone, and less of a call site than packages ask of it. */
import { bindHost } from "../bridge.ts";
import type { MissingGlobals } from "../missing-globals/part.ts";
import { usePart } from "../registry.ts";

interface CallSite {
  isNative(): boolean;
  getFileName(): string | null;
  getFunctionName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}
type Prepare = (error: unknown, sites: CallSite[]) => unknown;

/** As the engine names the module of a script. */
const MODULE_FILE = "script.js";
const property = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
const errorText = Error.prototype.toString;

/** The runtime's own code is compiled without names of files. */
function isPlatforms(site: CallSite): boolean {
  const file = site.getFileName();
  return !site.isNative() && (file === null || file === "" || file.startsWith("picloud:"));
}

function placeOf(site: CallSite): string {
  if (site.isNative()) return "native";
  const line = site.getLineNumber();
  return `${site.getFileName()}${line === null ? "" : `:${line}:${site.getColumnNumber() ?? 1}`}`;
}

function frameText(site: CallSite): string {
  const name = site.getFunctionName();
  return name === null || name === "" || name === "<anonymous>"
    ? placeOf(site)
    : `${name} (${placeOf(site)})`;
}

const calleeMessage = bindHost("stack.callee");

/**
 * Known globals of other runtimes are not defined here: their error says what to use. Of a call of what is no function
 * the engine does not say what that was.
 */
function explain(error: unknown, site: CallSite | undefined): void {
  if (error instanceof ReferenceError && error.message.endsWith("is not defined"))
    usePart<MissingGlobals>("missing-globals").explain(error);
  else if (error instanceof TypeError && /^not a (?:function|constructor)$/.test(error.message))
    nameCallee(error, site);
}

function nameCallee(error: TypeError, site: CallSite | undefined): void {
  if (site === undefined || site.isNative() || site.getFileName() !== MODULE_FILE) return;
  const value = calleeMessage(site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1);
  if (value !== null)
    Object.defineProperty(error, "message", { value, writable: true, configurable: true });
}

function headerOf(error: unknown): string {
  try {
    return errorText.call(error as Error);
  } catch {
    return "Error";
  }
}

const mapFrames = bindHost("stack.map");

function stackText(error: unknown, sites: CallSite[]): string {
  explain(error, sites[0]);
  let frames = "";
  for (let i = 0; i < sites.length; i++) {
    const site = sites[i] as CallSite;
    if (!isPlatforms(site)) frames += `\n    at ${frameText(site)}`;
  }
  return headerOf(error) + authorsFrames(frames);
}

/** With places in the author's files in place of those in the bundle. */
function authorsFrames(frames: string): string {
  if (!frames.includes(MODULE_FILE)) return frames;
  try {
    return mapFrames(frames) as string;
  } catch {
    return frames;
  }
}

/** What V8's call sites have beside those of QuickJS, for the packages that ask. */
const MORE: Readonly<Record<string, (site: CallSite) => unknown>> = {
  getTypeName: () => null,
  getThis: () => undefined,
  getMethodName: () => null,
  getEvalOrigin: () => undefined,
  getPromiseIndex: () => null,
  getScriptNameOrSourceURL: (site) => site.getFileName(),
  isToplevel: () => true,
  isEval: () => false,
  isConstructor: () => false,
  isAsync: () => false,
  isPromiseAll: () => false,
  toString: frameText,
};

function complete(sites: CallSite[]): CallSite[] {
  const prototype: object | null = sites.length === 0 ? null : Object.getPrototypeOf(sites[0]);
  if (prototype !== null && !("getThis" in prototype)) {
    for (const [name, answer] of Object.entries(MORE)) {
      const value = function (this: CallSite): unknown {
        return answer(this);
      };
      Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
    }
  }
  return sites;
}

/** `Error.prepareStackTrace` is undefined until a script sets it, as elsewhere. */
export function installStacks(): void {
  const set = property?.set?.bind(Error) as ((prepare: Prepare) => void) | undefined;
  if (set === undefined) return;
  let own: unknown;
  set(stackText);
  Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    enumerable: true,
    get: () => own,
    set(value: unknown) {
      own = value;
      set(
        typeof value === "function"
          ? (error, sites) => {
              explain(error, sites[0]);
              return (value as Prepare).call(Error, error, complete(sites));
            }
          : stackText,
      );
    },
  });
}
