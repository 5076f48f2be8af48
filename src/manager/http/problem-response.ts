/** The one place that turns errors into `application/problem+json` (RFC 9457). */
import { AppError } from "../../shared/errors.ts";
import { databaseFault, unstorableValue, violatedReference } from "../db/faults.ts";
import { notFound, PROBLEMS, problem, titleOf } from "../problems.ts";

/** Where this very installation explains its problems. */
export const PROBLEM_TYPES = "/api/v1/problems";

export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  [member: string]: unknown;
}

/** What verbs throw stays; a fault of the database is 503; all else is `internal`, whose cause only the log sees. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (databaseFault(error)) {
    return problem("database_unavailable", "The database cannot be reached; try again soon", {
      cause: error,
      headers: { "retry-after": "1" },
    });
  }
  // What was found at first was deleted before the write: it is not there.
  if (violatedReference(error)) return notFound();
  if (unstorableValue(error)) {
    const detail =
      "A value holds what cannot be stored: a NUL character, or a number or time out of range";
    return problem("invalid", detail, { cause: error });
  }
  return problem(
    "internal",
    "The request failed on this side; the log has the cause under this request id",
    { cause: error },
  );
}

export function problemResponse(error: AppError, requestId: string): Response {
  const body: ProblemDocument = {
    ...error.details,
    type: `${PROBLEM_TYPES}/${error.code}`,
    title: titleOf(error.code) ?? PROBLEMS.internal.title,
    status: error.status,
    detail: error.publicMessage,
    code: error.code,
    request_id: requestId,
  };
  return new Response(JSON.stringify(body), {
    status: error.status,
    headers: {
      ...error.headers,
      "content-type": "application/problem+json",
      "x-picloud-error": "platform",
    },
  });
}
