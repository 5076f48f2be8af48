/** Checks input against a schema. What was sent never comes back: only paths and what was expected. */
import * as v from "valibot";
import type { AppError } from "../../shared/errors.ts";
import { problem } from "../problems.ts";

const FIELD_MAX_LENGTH = 128;

interface FieldError {
  path: string;
  message: string;
}

/**
 * @throws AppError 422: `unknown_field` with `field`, else `invalid` with `field` and `errors`.
 */
export function parseInput<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  // An array is an object to valibot, with no field of its own.
  const result = v.safeParse(schema, Array.isArray(value) ? null : value);
  if (result.success) return result.output;
  const unknown = result.issues.find(
    (issue) => issue.type === "strict_object" && issue.expected === "never",
  );
  if (unknown !== undefined) {
    throw unknownField(pathOf(unknown));
  }
  const errors = result.issues.map(describe);
  throw problem(
    "invalid",
    errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "),
    {
      details: { field: errors[0]?.path ?? "", errors },
    },
  );
}

export const unknownField = (field: string): AppError =>
  problem("unknown_field", "The request holds a field that is not known here", {
    details: { field },
  });

const pathOf = (issue: v.BaseIssue<unknown>): string =>
  (v.getDotPath(issue) ?? "").slice(0, FIELD_MAX_LENGTH);

function describe(issue: v.BaseIssue<unknown>): FieldError {
  // Valibot's own message repeats the input; a schema's own message (given as a text) does not.
  const own = issue.message.startsWith("Invalid ") ? undefined : issue.message;
  return { path: pathOf(issue), message: own ?? expectation(issue) };
}

function expectation(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object" || issue.type === "object") {
    return issue.path === undefined ? "Must be a JSON object" : "Is required";
  }
  if (issue.received === "undefined") return "Is required";
  return issue.expected === null
    ? "Is not valid"
    : `Must be ${issue.expected.replaceAll('"', "'")}`;
}
