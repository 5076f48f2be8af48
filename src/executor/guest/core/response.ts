/** Response of the Fetch standard. Headers stay a plain list until a script touches them. */
import { type Body, bodyOf, cloneBody, extractBody, isUnusable } from "./body.ts";
import { defineBody } from "./body-mixin.ts";
import { combined, indexOfName, parseFlat } from "./header-list.ts";
import { type HeaderGuard, headerListFrom, type Headers, headersFromList } from "./headers.ts";
import { absoluteHref } from "./location.ts";
import {
  finishInterface,
  illegalInvocation,
  isObject,
  matches,
  requireArguments,
  toByteString,
  toInteger,
  toUSVString,
} from "./webidl.ts";

/** Members that most responses leave as they are stand on the prototype. */
export class ResponseState {
  /** "name\nvalue\n..." until `list` is made of it. */
  flat: string;
  body: Body | null;
  declare list: string[] | null;
  /** The object around `list`, once touched. */
  declare headers: Headers | null;
  declare type: "default" | "error" | "basic";
  declare status: number;
  declare statusText: string;
  declare guard: HeaderGuard;
  declare url: string;
  declare redirected: boolean;

  constructor(flat: string, body: Body | null) {
    this.flat = flat;
    this.body = body;
  }
}
Object.assign(ResponseState.prototype, {
  list: null,
  headers: null,
  type: "default",
  status: 200,
  statusText: "",
  guard: "response",
  url: "",
  redirected: false,
});

/** The header list itself, parsed at the first call. */
export function responseList(state: ResponseState): string[] {
  if (state.list === null) {
    state.list = parseFlat(state.flat);
    state.flat = "";
  }
  return state.list;
}

const BAD_REASON = /[^\t\x20-\x7e\x80-\xff]/;
const stringify = JSON.stringify;

const JSON_FLAT = "content-type\napplication/json";
const TEXT_TYPE = "text/plain;charset=UTF-8";
const TEXT_FLAT = `content-type\n${TEXT_TYPE}`;

/** Fills a state from a ResponseInit. Members are converted in the order in which WebIDL reads them. */
function initialize(state: ResponseState, init: object): void {
  const { headers, status, statusText } = init as Record<string, unknown>;
  if (headers !== undefined) state.list = headerListFrom(headers);
  const code = status === undefined ? 200 : toInteger(status, 16, false);
  const reason = statusText === undefined ? "" : toByteString(statusText, "statusText");
  if (code < 200 || code > 599) throw new RangeError(badStatus(code));
  if (code !== 200) state.status = code;
  if (reason === "") return;
  if (matches(BAD_REASON, reason))
    throw new TypeError("The statusText holds characters that no reason phrase can have");
  state.statusText = reason;
}

/** In Deno's words, which its users look for. */
const badStatus = (code: number): string =>
  code === 101
    ? "The status provided (101) is that of an upgrade: return the response of Deno.upgradeWebSocket"
    : `The status provided (${code}) is not equal to 101 and outside the range [200, 599]`;

function setBody(state: ResponseState, body: Body, type: string | null): void {
  const { status } = state;
  if (status === 204 || status === 205 || status === 304) {
    throw new TypeError("Response with null body status cannot have body");
  }
  state.body = body;
  if (type === null) return;
  const { list } = state;
  if (list === null) state.flat = `content-type\n${type}`;
  else if (indexOfName(list, "content-type") < 0) list.push("content-type", type);
}

/** Deno's `transfer`: the buffer behind the body is detached, unless it is more than the body. */
function detach(body: unknown): void {
  const whole =
    ArrayBuffer.isView(body) && body.byteLength === body.buffer.byteLength ? body.buffer : body;
  if (whole instanceof ArrayBuffer) whole.transfer();
}

function checkedInit(init: unknown): object {
  if (!isObject(init)) throw new TypeError("ResponseInit cannot be converted to a dictionary");
  return init;
}

function plainState(body: unknown): ResponseState {
  if (body === null) return new ResponseState("", null);
  if (typeof body === "string")
    return new ResponseState(TEXT_FLAT, bodyOf(body.toWellFormed(), true));
  const [content, type] = extractBody(body);
  return new ResponseState(type === null ? "" : `content-type\n${type}`, content);
}

let blank: ResponseState | null = null;
let stateOf: (response: Response) => ResponseState;
let wrap: (state: ResponseState) => Response;
let isResponseObject: (value: unknown) => value is Response;
/** Null for what is no response: one step for the usual case, where handlers return one. */
export let responseStateOrNull: (value: unknown) => ResponseState | null;

export class Response {
  #state: ResponseState;

  constructor(body: unknown = null, init: unknown = undefined) {
    if (blank !== null) {
      this.#state = blank;
      blank = null;
      return;
    }
    const extracted = body === null || body === undefined ? null : body;
    if (init === undefined || init === null) {
      this.#state = plainState(extracted);
      return;
    }
    const state = new ResponseState("", null);
    this.#state = state;
    initialize(state, checkedInit(init));
    if (typeof extracted === "string") {
      setBody(state, bodyOf(extracted.toWellFormed(), true), TEXT_TYPE);
    } else if (extracted !== null) {
      const [content, type] = extractBody(extracted);
      setBody(state, content, type);
      if ((init as { transfer?: unknown }).transfer) detach(extracted);
    }
  }

  static error(): Response {
    const state = new ResponseState("", null);
    state.type = "error";
    state.status = 0;
    state.guard = "immutable";
    return wrap(state);
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    requireArguments(arguments.length, 1, "Failed to execute 'redirect' on 'Response'");
    const text = toUSVString(url);
    const code = toInteger(status, 16, false);
    const href = absoluteHref(text);
    if (href === null) throw new TypeError(`Invalid URL: '${text}'`);
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
      throw new RangeError(`Invalid redirection status code ${code}`);
    }
    const state = new ResponseState(`location\n${href}`, null);
    state.status = code;
    state.guard = "immutable";
    return wrap(state);
  }

  static json(data: unknown, init: unknown = undefined): Response {
    if (data === undefined) requireArguments(0, 1, "Failed to execute 'json' on 'Response'");
    const text = stringify(data);
    if (text === undefined) throw new TypeError("The data is not JSON serializable");
    if (init === undefined || init === null)
      return wrap(new ResponseState(JSON_FLAT, bodyOf(text, true)));
    const state = new ResponseState("", null);
    initialize(state, checkedInit(init));
    setBody(state, bodyOf(text, true), "application/json");
    return wrap(state);
  }

  get type(): string {
    return stateOf(this).type;
  }

  get url(): string {
    return stateOf(this).url;
  }

  get redirected(): boolean {
    return stateOf(this).redirected;
  }

  get status(): number {
    return stateOf(this).status;
  }

  get ok(): boolean {
    const { status } = stateOf(this);
    return status >= 200 && status <= 299;
  }

  get statusText(): string {
    return stateOf(this).statusText;
  }

  get headers(): Headers {
    const state = stateOf(this);
    return (state.headers ??= headersFromList(responseList(state), state.guard));
  }

  clone(): Response {
    const state = stateOf(this);
    if (state.body !== null && isUnusable(state.body)) {
      throw new TypeError("What was read or is locked cannot be cloned: Body is unusable");
    }
    const body = state.body === null ? null : cloneBody(state.body);
    const copy = Object.assign(new ResponseState("", null), state);
    copy.list = responseList(state).slice();
    copy.headers = null;
    copy.body = body;
    return wrap(copy);
  }

  static {
    isResponseObject = (value): value is Response => isObject(value) && #state in value;
    responseStateOrNull = (value) =>
      typeof value === "object" && value !== null && #state in value ? value.#state : null;
    stateOf = (response) => {
      if (!(#state in response)) illegalInvocation();
      return response.#state;
    };
    wrap = (state) => {
      blank = state;
      return new Response();
    };
  }
}
defineBody(Response.prototype, {
  bodyOf: (response) => stateOf(response).body,
  typeOf: (response) => combined(responseList(stateOf(response)), "content-type"),
});
finishInterface(Response, "Response");
Object.defineProperty(Response.redirect, "length", { value: 1, configurable: true });

export const isResponse = (value: unknown): value is Response => isResponseObject(value);
export const responseState = (response: Response): ResponseState => stateOf(response);

/** A response from its parts, unchecked: for `fetch`, caches and upgrades. */
export function makeResponse(parts: Partial<ResponseState>): Response {
  return wrap(Object.assign(new ResponseState("", null), parts));
}
