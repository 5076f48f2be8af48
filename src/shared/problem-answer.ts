/** Problem documents (RFC 9457) as they go out on the public side. */
import type { Answer } from "./http.ts";

export interface AnsweredProblem {
  /** Stable, for programs. */
  code: string;
  status: number;
  title: string;
  detail: string;
  /** Which side failed. */
  side: "platform" | "script";
}

export interface ProblemExtras {
  headers?: Record<string, string>;
  details?: Record<string, unknown>;
}

export function answerOf(
  { code, status, title, detail, side }: AnsweredProblem,
  requestId: string,
  extras: ProblemExtras = {},
): Answer & { body: string } {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-picloud-error": side,
    "x-request-id": requestId,
    ...extras.headers,
  };
  const body = {
    type: `/api/v1/problems/${code}`,
    title,
    status,
    detail,
    code,
    request_id: requestId,
    ...extras.details,
  };
  return { status, headers: Object.entries(headers), body: JSON.stringify(body) };
}
