/** One typed way to the control plane, for the command line and the dashboard. */
import type { Page, Problem } from "./types.ts";

/** A problem document that the server answered with. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.problem = problem;
  }
}

/** No answer at all from the server. */
export class UnreachableError extends Error {
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`Cannot reach the PiCloud server at ${url}`, { cause });
    this.name = "UnreachableError";
    this.url = url;
  }
}

export interface ApiClientOptions {
  /** Origin of the server, without a trailing slash. */
  baseUrl: string;
  /** Session token or API key; null for calls that need none. */
  token: string | null;
  fetch?: typeof fetch;
}

export interface CallOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export class ApiClient {
  readonly baseUrl: string;
  readonly #token: string | null;
  readonly #fetch: typeof fetch;

  constructor(options: ApiClientOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#token = options.token;
    this.#fetch = options.fetch ?? fetch;
  }

  /** Calls the control plane; `path` is below /api/v1/admin. Throws ApiError or UnreachableError. */
  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
    const response = await this.send(method, `/api/v1/admin${path}`, options);
    if (!response.ok) throw new ApiError(await readProblem(response));
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }

  get<T>(path: string, query?: CallOptions["query"]): Promise<T> {
    return this.call<T>("GET", path, query ? { query } : {});
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.call<T>("POST", path, { body });
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PUT", path, { body });
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PATCH", path, { body });
  }

  async delete(path: string, query?: CallOptions["query"]): Promise<void> {
    await this.call<void>("DELETE", path, query ? { query } : {});
  }

  /** One page of a listing; 200 is the contract's maximum. */
  page<T>(path: string, query: CallOptions["query"] = {}): Promise<Page<T>> {
    return this.get<Page<T>>(path, { limit: 200, ...query });
  }

  /** The raw response of any path of the server, with the credentials attached. */
  async send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    const url = new URL(this.baseUrl + path);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = new Headers();
    if (this.#token) headers.set("authorization", `Bearer ${this.#token}`);
    if (options.body !== undefined) headers.set("content-type", "application/json");
    try {
      return await this.#fetch(url, {
        method,
        headers,
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal ? { signal: options.signal } : {}),
      });
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new UnreachableError(this.baseUrl, cause);
    }
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: "about:blank",
    title: response.statusText || "Request failed",
    status: response.status,
    detail: `The server answered ${response.status} without a problem document`,
    code: "unknown",
    request_id: response.headers.get("x-request-id") ?? "",
  };
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return fallback;
  }
}
