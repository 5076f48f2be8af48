/** Errors in Node's form: a `code`, and the code in the name as a stack shows it. */
export interface NodeError extends Error {
  code: string;
}

export function nodeError(Base: ErrorConstructor, code: string, message: string): NodeError {
  const error = new Base(message) as NodeError;
  Object.defineProperty(error, "code", {
    value: code,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  Object.defineProperty(error, "toString", {
    value: () => `${error.name} [${code}]: ${error.message}`,
    enumerable: false,
    writable: true,
    configurable: true,
  });
  return error;
}

export const invalidType = (name: string, expected: string, actual: unknown): NodeError =>
  nodeError(
    TypeError,
    "ERR_INVALID_ARG_TYPE",
    `The "${name}" argument must be ${expected}. Received ${received(actual)}`,
  );

export const outOfRange = (name: string, range: string, actual: unknown): NodeError =>
  nodeError(
    RangeError,
    "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${grouped(actual)}`,
  );

export const invalidValue = (name: string, actual: unknown, reason = "is invalid"): NodeError =>
  nodeError(
    TypeError,
    "ERR_INVALID_ARG_VALUE",
    `The argument '${name}' ${reason}. Received ${show(actual)}`,
  );

function received(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "object") {
    const name = value.constructor?.name;
    return name === undefined ? "an object" : `an instance of ${name}`;
  }
  return `type ${typeof value} (${show(value)})`;
}

function show(value: unknown): string {
  if (typeof value === "string")
    return value.length > 28 ? `'${value.slice(0, 25)}...'` : `'${value}'`;
  return typeof value === "bigint" ? `${value}n` : String(value);
}

function grouped(value: unknown): string {
  const text = typeof value === "bigint" ? `${value}n` : String(value);
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) > 2 ** 32
    ? text.replace(/\B(?=(\d{3})+$)/g, "_")
    : text;
}
