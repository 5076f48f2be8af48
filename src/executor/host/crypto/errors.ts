/** Failures of the host's cryptography as the DOMExceptions that the specification names. */
import { HostError } from "../host-function.ts";

const DOM_NAMES = new Set([
  "NotSupportedError",
  "SyntaxError",
  "InvalidAccessError",
  "DataError",
  "OperationError",
]);

type DomName =
  | "NotSupportedError"
  | "SyntaxError"
  | "InvalidAccessError"
  | "DataError"
  | "OperationError";

/** The code tells the guest that `name` is a DOMException's; "SyntaxError" alone would be a plain error. */
export const domError = (name: DomName, message: string): HostError =>
  new HostError(name, message, "dom");

export const syntaxError = (message: string): HostError => domError("SyntaxError", message);
export const dataError = (message: string): HostError => domError("DataError", message);
export const operationError = (message: string): HostError => domError("OperationError", message);
export const notSupported = (message: string): HostError => domError("NotSupportedError", message);

/** Runs native cryptography; whatever it throws becomes its own DOMException or `fallback`. */
export async function native<T>(
  fallback: DomName,
  what: string,
  run: () => Promise<T> | T,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw asHostError(error, fallback, what);
  }
}

export function asHostError(error: unknown, fallback: DomName, what: string): HostError {
  if (error instanceof HostError) return error;
  const { name, message } = error as Partial<Error>;
  const text = message ? `${what}: ${message}` : `${what}: the operation failed`;
  if (error instanceof DOMException && DOM_NAMES.has(String(name)))
    return domError(name as DomName, text);
  return domError(fallback, text);
}
