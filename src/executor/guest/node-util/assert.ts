/** node:assert. */
import { invalidType, invalidValue } from "../node-buffer/errors.ts";
import { isDeepEqual } from "./equality.ts";
import { inspectValue } from "./format.ts";

interface Failure {
  message?: unknown;
  actual?: unknown;
  expected?: unknown;
  operator: string;
}
type Block = () => unknown;
type Matcher = unknown;

export class AssertionError extends Error {
  readonly code = "ERR_ASSERTION";
  readonly generatedMessage: boolean;
  readonly actual: unknown;
  readonly expected: unknown;
  readonly operator: string;

  constructor(options: Failure) {
    if (typeof options !== "object" || options === null)
      throw invalidType("options", "of type object", options);
    const given = options.message !== undefined && options.message !== null;
    super(given ? String(options.message) : describe(options));
    this.generatedMessage = !given;
    this.actual = options.actual;
    this.expected = options.expected;
    this.operator = options.operator;
    Object.defineProperty(this, "name", {
      value: "AssertionError",
      enumerable: false,
      writable: true,
      configurable: true,
    });
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

const HEADLINES: Readonly<Record<string, string>> = {
  strictEqual: "Expected values to be strictly equal:",
  deepStrictEqual: "Expected values to be strictly deep-equal:",
  deepEqual: "Expected values to be loosely deep-equal:",
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
};

function describe({ operator, actual, expected }: Failure): string {
  const head = HEADLINES[operator];
  if (head === undefined) return `${inspectValue(actual)} ${operator} ${inspectValue(expected)}`;
  return operator.startsWith("not")
    ? `${head}\n\n${inspectValue(actual)}`
    : `${head}\n\n${inspectValue(actual)} !== ${inspectValue(expected)}\n`;
}

function fail(failure: Failure): never {
  if (failure.message instanceof Error) throw failure.message;
  throw new AssertionError(failure);
}

function check(passed: boolean, failure: Failure): void {
  if (!passed) fail(failure);
}

export function ok(...args: unknown[]): void {
  const [value, message] = args;
  if (value) return;
  const text =
    args.length === 0
      ? "No value argument passed to `assert.ok()`"
      : (message ?? "The expression evaluated to a falsy value");
  fail({ message: text, actual: value, expected: true, operator: "==" });
}

// oxlint-disable eqeqeq -- the loose assertions compare loosely
const looseEqual = (a: unknown, b: unknown): boolean =>
  a == b || (Number.isNaN(a) && Number.isNaN(b));
// oxlint-enable eqeqeq

const comparison =
  (operator: string, passes: (actual: unknown, expected: unknown) => boolean) =>
  (actual: unknown, expected: unknown, message?: unknown): void =>
    check(passes(actual, expected), { actual, expected, message, operator });

function matches(error: unknown, expected: Matcher): boolean | string {
  if (expected === undefined) return true;
  if (expected instanceof RegExp)
    return (
      expected.test(String(error)) ||
      `The input did not match the regular expression ${String(expected)}. Input: ${inspectValue(String(error))}`
    );
  if (typeof expected === "function") {
    if (expected.prototype !== undefined && error instanceof expected) return true;
    if (Object.prototype.isPrototypeOf.call(Error, expected) || expected === Error)
      return `The error is expected to be an instance of "${expected.name}"`;
    return (
      (expected as (error: unknown) => unknown)(error) === true ||
      "The validation function is expected to return true"
    );
  }
  if (typeof expected !== "object" || expected === null)
    throw invalidType(
      "expected",
      "of type function or an instance of Error, RegExp, or Object",
      expected,
    );
  const keys = [
    ...Object.keys(expected),
    ...(expected instanceof Error ? ["name", "message"] : []),
  ];
  if (keys.length === 0) throw invalidValue("error", expected, "may not be an empty object");
  return (
    keys.every((key) => {
      const wanted = (expected as Record<string, unknown>)[key];
      const actual = (error as Record<string, unknown>)[key];
      return wanted instanceof RegExp && typeof actual === "string"
        ? wanted.test(actual)
        : isDeepEqual(actual, wanted, true);
    }) ||
    `Expected values to be strictly deep-equal: ${inspectValue(error)} and ${inspectValue(expected)}`
  );
}

function expectError(
  outcome: { error: unknown } | null,
  expected: Matcher,
  message: unknown,
  operator: string,
): void {
  const matcher = typeof expected === "string" ? undefined : expected;
  const text = typeof expected === "string" ? expected : message;
  if (outcome === null)
    fail({
      message: `Missing expected ${operator === "rejects" ? "rejection" : "exception"}${text === undefined ? "." : `: ${String(text)}`}`,
      expected: matcher,
      operator,
    });
  const result = matches(outcome.error, matcher);
  if (result === true) return;
  if (
    typeof matcher === "function" &&
    !(matcher.prototype instanceof Error) &&
    matcher !== Error &&
    result === false
  )
    throw outcome.error;
  fail({ message: text ?? result, actual: outcome.error, expected: matcher, operator });
}

async function settle(block: Block | PromiseLike<unknown>): Promise<{ error: unknown } | null> {
  const promise = typeof block === "function" ? block() : block;
  if (typeof (promise as PromiseLike<unknown> | null)?.then !== "function")
    throw invalidType("promiseFn", "of type function or an instance of Promise", block);
  try {
    await promise;
    return null;
  } catch (error) {
    return { error };
  }
}

function attempt(block: Block): { error: unknown } | null {
  if (typeof block !== "function") throw invalidType("fn", "of type function", block);
  try {
    block();
    return null;
  } catch (error) {
    return { error };
  }
}

const unwanted = (outcome: { error: unknown } | null, message: unknown, operator: string): void => {
  if (outcome !== null)
    fail({
      message: `Got unwanted ${operator === "doesNotReject" ? "rejection" : "exception"}${typeof message === "string" ? `: ${message}` : "."}\nActual message: "${(outcome.error as Error | null)?.message ?? ""}"`,
      actual: outcome.error,
      operator,
    });
};

const methods = {
  ok,
  AssertionError,
  fail: (message?: unknown) => fail({ message: message ?? "Failed", operator: "fail" }),
  equal: comparison("==", looseEqual),
  notEqual: comparison("!=", (a, b) => !looseEqual(a, b)),
  strictEqual: comparison("strictEqual", Object.is),
  notStrictEqual: comparison("notStrictEqual", (a, b) => !Object.is(a, b)),
  deepEqual: comparison("deepEqual", (a, b) => isDeepEqual(a, b, false)),
  notDeepEqual: comparison("notDeepEqual", (a, b) => !isDeepEqual(a, b, false)),
  deepStrictEqual: comparison("deepStrictEqual", (a, b) => isDeepEqual(a, b, true)),
  notDeepStrictEqual: comparison("notDeepStrictEqual", (a, b) => !isDeepEqual(a, b, true)),
  throws: (block: Block, expected?: Matcher, message?: unknown) =>
    expectError(attempt(block), expected, message, "throws"),
  doesNotThrow: (block: Block, _expected?: Matcher, message?: unknown) =>
    unwanted(attempt(block), message, "doesNotThrow"),
  rejects: async (block: Block, expected?: Matcher, message?: unknown) =>
    expectError(await settle(block), expected, message, "rejects"),
  doesNotReject: async (block: Block, _expected?: Matcher, message?: unknown) =>
    unwanted(await settle(block), message, "doesNotReject"),
  match: (text: string, pattern: RegExp, message?: unknown) =>
    check(typeof text === "string" && pattern.test(text), {
      message:
        message ??
        `The input did not match the regular expression ${String(pattern)}. Input:\n\n${inspectValue(text)}\n`,
      actual: text,
      expected: pattern,
      operator: "match",
    }),
  doesNotMatch: (text: string, pattern: RegExp, message?: unknown) =>
    check(!pattern.test(text), {
      message:
        message ??
        `The input was expected to not match the regular expression ${String(pattern)}. Input:\n\n${inspectValue(text)}\n`,
      actual: text,
      expected: pattern,
      operator: "doesNotMatch",
    }),
  ifError: (value: unknown) => {
    if (value !== null && value !== undefined)
      fail({
        message: `ifError got unwanted exception: ${value instanceof Error ? value.message : inspectValue(value)}`,
        actual: value,
        expected: null,
        operator: "ifError",
      });
  },
};

const STRICT_TWINS = {
  equal: methods.strictEqual,
  notEqual: methods.notStrictEqual,
  deepEqual: methods.deepStrictEqual,
  notDeepEqual: methods.notDeepStrictEqual,
};

export const strict = Object.assign(
  (...args: unknown[]): void => ok(...args),
  methods,
  STRICT_TWINS,
);
export const assert = Object.assign((...args: unknown[]): void => ok(...args), methods, { strict });
Object.assign(strict, { strict });
