/**
 * The one error class that verbs throw. `publicMessage` is for the caller and never holds rejected
 * input; what only the operator may read goes into `internal` or `cause`.
 */
export type ErrorStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 408
  | 409
  | 413
  | 415
  | 422
  | 429
  | 500
  | 502
  | 503
  | 504
  | 507;

export interface AppErrorOptions {
  cause?: unknown;
  /** For the log only. */
  internal?: string;
  /** Further members of the problem document (`field`, `conflicting_route` ...). */
  details?: Record<string, unknown>;
  headers?: Record<string, string>;
}

export class AppError extends Error {
  readonly status: ErrorStatus;
  readonly code: string;
  readonly publicMessage: string;
  readonly details: Record<string, unknown>;
  readonly internal: string | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: ErrorStatus,
    code: string,
    publicMessage: string,
    options: AppErrorOptions = {},
  ) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.status = status;
    this.code = code;
    this.publicMessage = publicMessage;
    this.details = options.details ?? {};
    this.internal = options.internal;
    this.headers = options.headers ?? {};
  }
}
