/** What an error of the driver means. Drizzle wraps it, so the chain of causes is walked. */

/** Codes of postgres.js, of sockets, and SQLSTATE classes of a server that is away or going away. */
const FAULT_CODES = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ECONNABORTED",
  "ERR_SOCKET_CLOSED",
  "ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  // Full disk, no memory, too many connections, an error of the disk: time or an operator mends them.
  "53000",
  "53100",
  "53200",
  "53300",
  "58000",
  "58030",
  // A standby, or a database that was set to read-only.
  "25006",
  "57P01",
  "57P02",
  "57P03",
]);
const CAUSES_MAX = 5;

interface DriverError {
  code: string;
  constraint_name?: string;
}

function driverError(error: unknown): DriverError | undefined {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth++) {
    if ("code" in current && typeof current.code === "string")
      return current as Error & DriverError;
    current = current.cause;
  }
  return undefined;
}

/** True when the database cannot do its work now, rather than refused what was asked. */
export function databaseFault(error: unknown): boolean {
  const code = driverError(error)?.code;
  return code !== undefined && (FAULT_CODES.has(code) || code.startsWith("08"));
}

/** True when PostgreSQL ended a transaction so that another could go on: begun anew, it may well succeed. */
export function isCollision(error: unknown): boolean {
  const code = driverError(error)?.code;
  return code === "40P01" || code === "40001";
}

/** The name of the unique constraint or index that a write hit, or undefined for any other error. */
export function violatedUnique(error: unknown): string | undefined {
  const found = driverError(error);
  return found?.code === "23505" ? found.constraint_name : undefined;
}

/** True when a write named a row that is gone. */
export const violatedReference = (error: unknown): boolean => driverError(error)?.code === "23503";

/** True for a value that PostgreSQL cannot take: a NUL in a text, a number or time out of its range (SQLSTATE class 22). */
export const unstorableValue = (error: unknown): boolean =>
  driverError(error)?.code.startsWith("22") === true;
