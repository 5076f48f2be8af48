/** Deno.errors. */
const NAMES =
  "NotFound PermissionDenied ConnectionRefused ConnectionReset ConnectionAborted NotConnected AddrInUse AddrNotAvailable BrokenPipe AlreadyExists InvalidData TimedOut Interrupted WriteZero WouldBlock UnexpectedEof BadResource Http Busy NotSupported FilesystemLoop IsADirectory NetworkUnreachable NotADirectory NotCapable".split(
    " ",
  );

export type ErrorClass = new (message?: string, options?: { cause?: unknown }) => Error;

function makeClass(name: string): ErrorClass {
  const holder = {
    [name]: class extends Error {
      constructor(message?: string, options?: { cause?: unknown }) {
        super(message, options);
        Object.defineProperty(this, "name", {
          value: name,
          writable: true,
          configurable: true,
          enumerable: false,
        });
      }
    },
  };
  return holder[name] as ErrorClass;
}

export const errors = Object.fromEntries(NAMES.map((name) => [name, makeClass(name)])) as Record<
  string,
  ErrorClass
>;

export function denoError(name: string, message: string): Error {
  const Class = errors[name] ?? Error;
  return new Class(message);
}

export const notSupported = (what: string, instead: string): Error =>
  denoError("NotSupported", `Deno.${what} is not available in PiCloud: ${instead}`);
