/** How the command line fails: a message, a next step, and a stable exit code. */
import { ApiError, UnreachableError } from "../client/api-client.ts";

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notSignedIn: 3,
  notFound: 4,
  conflict: 5,
  unavailable: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** What to do next, in one sentence. */
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export const usageError = (message: string, command: string): CliError =>
  new CliError(
    EXIT.usage,
    message,
    `Run \`pic ${command ? `${command} ` : ""}--help\` for the usage`,
  );

const STATUS_EXIT: Readonly<Record<number, ExitCode>> = {
  401: EXIT.notSignedIn,
  404: EXIT.notFound,
  409: EXIT.conflict,
  429: EXIT.unavailable,
  502: EXIT.unavailable,
  503: EXIT.unavailable,
  504: EXIT.unavailable,
};

export interface Failure {
  exitCode: ExitCode;
  lines: string[];
}

/** Any thrown value as what a person reads on stderr and what the process exits with. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CliError) {
    return { exitCode: error.exitCode, lines: [`error: ${error.message}`, ...hint(error.hint)] };
  }
  if (error instanceof UnreachableError) {
    return {
      exitCode: EXIT.unavailable,
      lines: [
        `error: ${error.message}`,
        ...hint(
          "Start it with `picloud serve`, or name another one with PICLOUD_URL, --url or `pic login --url URL`",
        ),
      ],
    };
  }
  if (error instanceof ApiError) return describeProblem(error);
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.failure, lines: [`error: ${message}`] };
}

function describeProblem(error: ApiError): Failure {
  const { problem } = error;
  const lines = [`error: ${problem.detail || problem.title}`];
  if (typeof problem["file"] === "string") {
    lines.push(
      `  at ${problem["file"]}:${String(problem["line"])}:${String(problem["column"])}: ${String(problem["message"])}`,
    );
  }
  if (typeof problem["field"] === "string") lines.push(`  field: ${problem["field"]}`);
  lines.push(`  code: ${problem.code}`, `  request: ${problem.request_id}`);
  const exitCode = STATUS_EXIT[error.status] ?? EXIT.failure;
  if (exitCode === EXIT.notSignedIn)
    lines.push(...hint("Sign in with `pic login`, or set PICLOUD_TOKEN"));
  return { exitCode, lines };
}

const hint = (text: string | undefined): string[] => (text ? [`hint: ${text}`] : []);
