/** What the platform answers in place of a script, and what it says when a script failed. */
import type { Outcome } from "../../shared/outcome.ts";
import type { Answer } from "../../shared/http.ts";
import { answerOf, type AnsweredProblem, type ProblemExtras } from "../../shared/problem-answer.ts";
import { RETRY_AFTER_SECONDS, type GateRefusal } from "../gate.ts";

type Problem = Omit<AnsweredProblem, "code">;

const platform = (status: number, title: string, detail: string): Problem => ({
  status,
  title,
  detail,
  side: "platform",
});
const script = (status: number, title: string, detail: string): Problem => ({
  status,
  title,
  detail,
  side: "script",
});

export const PROBLEMS = {
  invalid_host: platform(
    400,
    "The Host header is not valid",
    "Send exactly one Host header that holds one host name",
  ),
  invalid_target: platform(
    400,
    "The request target is not valid",
    "Send a target that starts with '/'",
  ),
  unauthenticated: platform(
    401,
    "The script asks for a caller",
    "Send a session token or an API key",
  ),
  forbidden: platform(
    403,
    "You may not run this script",
    "The script runs for callers who may invoke scripts of its app",
  ),
  host_not_found: platform(
    404,
    "No app has this host",
    "No app claims the host of this request; claim it, or check the DNS name",
  ),
  route_not_found: platform(
    404,
    "No route matches",
    "The host belongs to an app, but none of its routes matches the path",
  ),
  script_not_found: platform(
    404,
    "There is no such script",
    "There is no such script, or it has no live version",
  ),
  not_found: platform(404, "Not found", "There is no such resource"),
  method_not_allowed: platform(
    405,
    "The method is not supported here",
    "Routes match this path, but none of them with this method",
  ),
  request_timeout: platform(
    408,
    "The request body did not arrive",
    "The body was not complete in time",
  ),
  body_too_large: platform(
    413,
    "The request body is too large",
    "The body is over the limit of the script",
  ),
  method_not_supported: platform(
    501,
    "The method is not supported",
    "CONNECT and TRACE reach no script",
  ),
  loop_detected: platform(
    508,
    "The request went round in a circle",
    "Scripts called one another too many times for one request",
  ),
  overloaded: platform(
    503,
    "Too much is running",
    "A bound on concurrent executions is reached; try again",
  ),
  unavailable: platform(
    503,
    "The platform cannot answer now",
    "A part of the platform is not reachable; try again",
  ),
  upgrade_failed: platform(
    400,
    "The connection cannot be upgraded",
    "The request is no valid WebSocket handshake",
  ),
  script_threw: script(502, "The script failed", "The script threw; its execution record says why"),
  invalid_response: script(
    502,
    "The script gave no valid response",
    "What the script returned is no response; its execution record says why",
  ),
  timed_out: script(504, "The script took too long", "The script passed its wall-clock limit"),
  cpu_exceeded: script(507, "The script used too much CPU time", "The script passed its CPU limit"),
  memory_exceeded: script(
    507,
    "The script used too much memory",
    "The script passed its memory limit",
  ),
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What the client gets for an execution that gave no response. */
export const OUTCOME_PROBLEM = {
  completed: "invalid_response",
  threw: "script_threw",
  timed_out: "timed_out",
  cpu_exceeded: "cpu_exceeded",
  memory_exceeded: "memory_exceeded",
  invalid_response: "invalid_response",
  overloaded: "overloaded",
  aborted: "unavailable",
} as const satisfies Record<Outcome, ProblemCode>;

export function problemAnswer(
  code: ProblemCode,
  requestId: string,
  { headers, details }: ProblemExtras = {},
): Answer {
  const problem = { code, ...PROBLEMS[code] };
  const again: Record<string, string> =
    problem.status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {};
  return answerOf(problem, requestId, {
    headers: { ...headers, ...again },
    ...(details === undefined ? {} : { details }),
  });
}

const REFUSAL_DETAIL: Record<GateRefusal, string> = {
  instance: "of the instance",
  app: "of the app",
  script: "of the script",
  memory: "on memory",
};

export const overloadedAnswer = (refusal: GateRefusal, requestId: string): Answer =>
  problemAnswer("overloaded", requestId, {
    details: { detail: `The bound ${REFUSAL_DETAIL[refusal]} is reached; try again` },
  });
