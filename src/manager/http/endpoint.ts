/** One endpoint of the control plane: everything that its handling and its documentation need, in one place. */
import type * as v from "valibot";
import type { ProblemCode } from "../problems.ts";
import type { Access, Params } from "./access.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

export interface EndpointInput<Ctx, Target, Body, Query> {
  ctx: Ctx;
  target: Target;
  params: Params;
  body: Body;
  query: Query;
  request: Request;
}

export interface EndpointSpec<
  Ctx,
  Target,
  Body extends v.GenericSchema | undefined,
  Query extends v.GenericSchema | undefined,
> {
  method: Method;
  /** As in Hono, below the prefix of the API: `/apps/:app`. */
  path: string;
  summary: string;
  access: Access<Ctx, Target>;
  body?: Body;
  query?: Query;
  /** Status of success; 204 has no body. */
  status: 200 | 201 | 202 | 204;
  answer?: v.GenericSchema;
  /** Problems beyond those that every endpoint can have. */
  problems?: readonly ProblemCode[];
  /** A returned Response goes out as it is. */
  handle(input: EndpointInput<Ctx, Target, OutputOf<Body>, OutputOf<Query>>): Promise<unknown>;
}

type OutputOf<Schema> = Schema extends v.GenericSchema ? v.InferOutput<Schema> : undefined;

/** What the runner and the OpenAPI document read; the types of one endpoint's parts are settled when it is made. */
export interface Endpoint {
  method: Method;
  path: string;
  summary: string;
  access: Access<unknown, unknown>;
  body: v.GenericSchema | undefined;
  query: v.GenericSchema | undefined;
  status: 200 | 201 | 202 | 204;
  answer: v.GenericSchema | undefined;
  problems: readonly ProblemCode[];
  handle(input: EndpointInput<unknown, unknown, unknown, unknown>): Promise<unknown>;
}

export function endpoint<
  Ctx,
  Target,
  Body extends v.GenericSchema | undefined = undefined,
  Query extends v.GenericSchema | undefined = undefined,
>(spec: EndpointSpec<Ctx, Target, Body, Query>): Endpoint {
  return {
    method: spec.method,
    path: spec.path,
    summary: spec.summary,
    access: spec.access,
    body: spec.body,
    query: spec.query,
    status: spec.status,
    answer: spec.answer,
    problems: spec.problems ?? [],
    // The runner hands over what this spec's own access and schemas made, so the types are those of the spec.
    handle: (input) => spec.handle(input as Parameters<typeof spec.handle>[0]),
  };
}
