/** What is inside a Request. */
import type { Body } from "./body.ts";
import type { BlobLike, Signal } from "./contracts.ts";
import { parseFlat } from "./header-list.ts";
import type { Headers } from "./headers.ts";

/** Rarely used members, as strings of their enumerations. */
export interface RequestOptions {
  cache: string;
  credentials: string;
  destination: string;
  integrity: string;
  keepalive: boolean;
  mode: string;
  priority: string;
  redirect: string;
  referrer: string;
  referrerPolicy: string;
}

export const DEFAULT_OPTIONS: Readonly<RequestOptions> = {
  cache: "default",
  credentials: "same-origin",
  destination: "",
  integrity: "",
  keepalive: false,
  mode: "cors",
  priority: "auto",
  redirect: "follow",
  referrer: "about:client",
  referrerPolicy: "",
};

/** Members that most requests leave as they are stand on the prototype. */
export class RequestState {
  method: string;
  /** Serialized, with its fragment. */
  url: string;
  /** "name\nvalue\n..." until `list` is made of it. */
  flat: string;
  body: Body | null;
  declare list: string[] | null;
  declare headers: Headers | null;
  declare signal: Signal | null;
  /** Of a request that is served: gives the signal when it is first asked for. */
  declare makeSignal: (() => Signal) | null;
  declare options: Readonly<RequestOptions>;
  /** What a blob: URL named when the request was made. */
  declare blob?: BlobLike | undefined;

  constructor(method: string, url: string, flat: string, body: Body | null) {
    this.method = method;
    this.url = url;
    this.flat = flat;
    this.body = body;
  }
}
Object.assign(RequestState.prototype, {
  list: null,
  headers: null,
  signal: null,
  makeSignal: null,
  options: DEFAULT_OPTIONS,
});

/** The header list itself, parsed at the first call. */
export function requestList(state: RequestState): string[] {
  if (state.list === null) {
    state.list = parseFlat(state.flat);
    state.flat = "";
  }
  return state.list;
}
