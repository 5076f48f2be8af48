/** Request of the Fetch standard. URL, headers and signal of a request that is served are made when touched. */
import { usePart } from "../registry.ts";
import { cloneBody, isUnusable } from "./body.ts";
import { defineBody } from "./body-mixin.ts";
import type { EventsPart, Signal } from "./contracts.ts";
import { combined } from "./header-list.ts";
import { type Headers, headersFromList } from "./headers.ts";
import { requestList, RequestState } from "./request-state.ts";
import { buildRequest } from "./request-init.ts";
import { finishInterface, illegalInvocation, isObject, requireArguments } from "./webidl.ts";

let stateOf: (request: Request) => RequestState;
let wrap: (state: RequestState) => Request;
let isRequestObject: (value: unknown) => value is Request;
let blank: RequestState | null = null;

const neverAborts = (): Signal => usePart<EventsPart>("events").newSignal();

export class Request {
  #state: RequestState;

  constructor(input: unknown, init: unknown = undefined) {
    if (blank !== null) {
      this.#state = blank;
      blank = null;
      return;
    }
    // `arguments` would be made for every call; undefined is no URL either.
    if (input === undefined) requireArguments(0, 1, "Failed to construct 'Request'");
    this.#state = buildRequest(input, isRequestObject(input) ? stateOf(input) : null, init);
  }

  get method(): string {
    return stateOf(this).method;
  }

  get url(): string {
    return stateOf(this).url;
  }

  get headers(): Headers {
    const state = stateOf(this);
    return (state.headers ??= headersFromList(requestList(state), "request"));
  }

  get signal(): Signal {
    const state = stateOf(this);
    return (state.signal ??= state.makeSignal === null ? neverAborts() : state.makeSignal());
  }

  get cache(): string {
    return stateOf(this).options.cache;
  }

  get credentials(): string {
    return stateOf(this).options.credentials;
  }

  get destination(): string {
    return stateOf(this).options.destination;
  }

  get duplex(): string {
    stateOf(this);
    return "half";
  }

  get integrity(): string {
    return stateOf(this).options.integrity;
  }

  get isHistoryNavigation(): boolean {
    stateOf(this);
    return false;
  }

  get isReloadNavigation(): boolean {
    stateOf(this);
    return false;
  }

  get keepalive(): boolean {
    return stateOf(this).options.keepalive;
  }

  get mode(): string {
    return stateOf(this).options.mode;
  }

  get redirect(): string {
    return stateOf(this).options.redirect;
  }

  get referrer(): string {
    return stateOf(this).options.referrer;
  }

  get referrerPolicy(): string {
    return stateOf(this).options.referrerPolicy;
  }

  clone(): Request {
    const state = stateOf(this);
    if (state.body !== null && isUnusable(state.body)) {
      throw new TypeError("What was read or is locked cannot be cloned: Body is unusable");
    }
    const signal = usePart<EventsPart>("events").dependentSignal([this.signal]);
    const body = state.body === null ? null : cloneBody(state.body);
    const copy = new RequestState(state.method, state.url, "", body);
    copy.list = requestList(state).slice();
    copy.signal = signal;
    copy.options = state.options;
    if (state.blob !== undefined) copy.blob = state.blob;
    return wrap(copy);
  }

  static {
    isRequestObject = (value): value is Request => isObject(value) && #state in value;
    stateOf = (request) => {
      if (!(#state in request)) illegalInvocation();
      return request.#state;
    };
    wrap = (state) => {
      blank = state;
      return new Request("");
    };
  }
}
defineBody(Request.prototype, {
  bodyOf: (request) => stateOf(request).body,
  typeOf: (request) => combined(requestList(stateOf(request)), "content-type"),
});
finishInterface(Request, "Request");

export const isRequest = (value: unknown): value is Request => isRequestObject(value);
export const requestState = (request: Request): RequestState => stateOf(request);

/** A request from its parts, unchecked. */
export const makeRequest = (state: RequestState): Request => wrap(state);
