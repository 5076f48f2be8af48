/** The public side: from a request to the script that answers it. README.md has the flow. */
import type { CallerResolution } from "../shared/caller.ts";
import type { ExecutableScript, ScriptPrincipal } from "../shared/execution.ts";
import type { Answer, ClientRequest, Handled, Target } from "../shared/http.ts";
import { newId } from "../shared/ids.ts";
import type { ProblemExtras } from "../shared/problem-answer.ts";
import { matchPath } from "../shared/routing/match.ts";
import { isReservedPath } from "../shared/routing/reserved-paths.ts";
import type { DataPlaneDeps } from "./deps.ts";
import { Exchange } from "./execution/exchange.ts";
import type { Destination, InternalContext } from "./execution/http-request.ts";
import { invokeScript, type Invocation, type InvocationResult } from "./execution/invoke.ts";
import { Runner } from "./execution/runner.ts";
import { asResponse } from "./http/answer.ts";
import { callerHeaders, resolveCaller } from "./http/caller.ts";
import { ProxyTrust } from "./http/forwarded.ts";
import { HostCache } from "./http/host-cache.ts";
import { InternalRequest } from "./http/internal-request.ts";
import { internalOrigin, readOrigin, type Origin } from "./http/origin.ts";
import { problemAnswer, type ProblemCode } from "./http/problems.ts";
import { EXECUTE_PREFIX, readExecutePath } from "./http/target.ts";
import type { DataPlaneMetrics } from "./metrics.ts";

export interface DataPlane {
  /** Answers everything that is not the control plane's. Never throws, never rejects. */
  handle(request: ClientRequest): Handled;
  /** True when an app claims the host of a URL (`host[:port]`): then a script's fetch goes to `dispatchInternal`. */
  claims(host: string): boolean;
  /** A script's fetch to a claimed host: user routes only, never the control plane or execute. */
  dispatchInternal(request: Request, context: InternalContext): Promise<Response>;
  /** Runs a script for an event. Undefined when it has no live version. */
  invoke(invocation: Invocation): Promise<InvocationResult | undefined>;
  metrics: DataPlaneMetrics;
}

export function createDataPlane(deps: DataPlaneDeps): DataPlane {
  const plane = new PublicSide(deps);
  return {
    handle: (request) => plane.handle(request, null),
    claims: (host) => plane.claims(host),
    dispatchInternal: (request, context) => plane.dispatchInternal(request, context),
    invoke: (invocation) => invokeScript(deps, plane.runner, invocation),
    metrics: plane.runner.metrics,
  };
}

class PublicSide {
  readonly runner: Runner;
  readonly #deps: DataPlaneDeps;
  readonly #hosts: HostCache;
  readonly #trust: ProxyTrust;

  constructor(deps: DataPlaneDeps) {
    this.#deps = deps;
    this.runner = new Runner(deps);
    this.#hosts = new HostCache((host) => deps.config.sharesControlPlane(host));
    this.#trust = new ProxyTrust(deps.config.trustedProxies);
  }

  claims(host: string): boolean {
    return typeof this.#hosts.find(this.#deps.tables(), host) !== "string";
  }

  async dispatchInternal(request: Request, context: InternalContext): Promise<Response> {
    const isTooDeep = context.triggerDepth > this.#deps.config.triggerDepthMax;
    const answer = isTooDeep
      ? this.#problem("loop_detected", newId())
      : await this.handle(new InternalRequest(request), context);
    // It cannot be upgraded, so there is always an answer.
    return asResponse(answer ?? this.#problem("upgrade_failed", newId()));
  }

  handle(request: ClientRequest, internal: InternalContext | null): Handled {
    const requestId = newId();
    try {
      const handled = this.#dispatch(request, internal, requestId);
      if (!(handled instanceof Promise)) return handled;
      return handled.catch((error: unknown) => this.#failed(error, requestId));
    } catch (error) {
      return this.#failed(error, requestId);
    }
  }

  #dispatch(request: ClientRequest, internal: InternalContext | null, requestId: string): Handled {
    const { target } = request;
    if (target === undefined) return this.#problem("invalid_target", requestId);
    if (request.method === "CONNECT" || request.method === "TRACE")
      return this.#problem("method_not_supported", requestId);
    const isExecute = internal === null && target.path.startsWith(EXECUTE_PREFIX);
    if (!isExecute && isReservedPath(target.path)) return this.#problem("not_found", requestId);
    const origin =
      request instanceof InternalRequest
        ? internalOrigin(request.url)
        : readOrigin(request, this.#trust);
    const { runner } = this;
    const deps = this.#deps;
    const exchange = new Exchange({ deps, runner, request, requestId, origin, internal });
    return isExecute ? this.#execute(exchange, target) : this.#route(exchange, target, origin);
  }

  /** A fault of ours: the client learns only that there is one. */
  #failed(error: unknown, requestId: string): Answer {
    const stack = error instanceof Error ? error.stack : undefined;
    this.#deps.logger.error("A public request failed", {
      error: String(error),
      stack,
      request_id: requestId,
    });
    return this.#problem("unavailable", requestId);
  }

  #route(exchange: Exchange, target: Target, origin: Origin): Handled {
    const known = this.#hosts.find(this.#deps.tables(), origin.host);
    if (typeof known === "string") return this.#problem(known, exchange.requestId);
    const found = matchPath(known.target, exchange.request.method, target.path);
    if (found.kind === "route") {
      const { route, params, rest, host } = found;
      const url = exchange.urlFor(target.path, target.query);
      return this.#resolve(exchange, route.scriptId, {
        url,
        path: target.path,
        params,
        rest,
        host,
        isShared: known.isShared,
      });
    }
    if (found.kind === "method_not_allowed") {
      return this.#problem("method_not_allowed", exchange.requestId, {
        headers: { allow: found.allow.join(", ") },
      });
    }
    return this.#problem("route_not_found", exchange.requestId);
  }

  #execute(exchange: Exchange, target: Target): Handled {
    if (exchange.hasInvalidHost()) return this.#problem("invalid_host", exchange.requestId);
    const { scriptId, path } = readExecutePath(target.path);
    const url = exchange.urlFor(path, target.query);
    return this.#resolve(exchange, scriptId, {
      url,
      path,
      params: {},
      rest: "",
      host: {},
      isShared: true,
    });
  }

  #resolve(exchange: Exchange, scriptId: string, destination: Destination): Handled {
    const found = this.#deps.scripts.resolve(scriptId);
    if (!(found instanceof Promise)) return this.#admit(exchange, found, destination);
    return found.then(
      (script) => this.#admit(exchange, script, destination),
      (error: unknown) => {
        this.#deps.logger.warn("Cannot resolve a script", {
          error: String(error),
          script_id: scriptId,
        });
        return this.#problem("unavailable", exchange.requestId);
      },
    );
  }

  #admit(
    exchange: Exchange,
    script: ExecutableScript | undefined,
    destination: Destination,
  ): Handled {
    if (script === undefined || script.access === "internal")
      return this.#problem("script_not_found", exchange.requestId);
    const headers = callerHeaders(exchange.request, this.#deps.config.publicBaseUrl);
    const resolution = resolveCaller(this.#deps.callers, headers, script.access === "public");
    if (resolution instanceof Promise)
      return resolution.then((caller) => this.#authorise(exchange, script, destination, caller));
    return this.#authorise(exchange, script, destination, resolution);
  }

  #authorise(
    exchange: Exchange,
    script: ExecutableScript,
    destination: Destination,
    resolution: CallerResolution,
  ): Handled {
    const { caller, fault } = resolution;
    const start = (principal: ScriptPrincipal | null): Handled =>
      (script.static ? exchange.file(script, destination) : undefined) ??
      exchange.start(script, destination, principal);
    if (script.access === "public") return start(caller?.principal ?? null);
    if (caller === null) {
      if (fault) return this.#problem("unavailable", exchange.requestId);
      return this.#problem("unauthenticated", exchange.requestId, {
        headers: { "www-authenticate": "Bearer" },
      });
    }
    return caller.mayInvoke(script.appId).then(
      (may) => (may ? start(caller.principal) : this.#problem("forbidden", exchange.requestId)),
      () => this.#problem("unavailable", exchange.requestId),
    );
  }

  #problem(code: ProblemCode, requestId: string, extras?: ProblemExtras): Answer {
    this.runner.metrics.problem(code);
    return problemAnswer(code, requestId, extras);
  }
}
