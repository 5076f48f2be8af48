/** What is inside a Request. */
import type { Body } from "./body.ts";
import type { Signal } from "./contracts.ts";
import { type Headers, parseFlat } from "./headers.ts";

/** Rarely used members, as strings of their enumerations. */
export interface RequestOptions {
  cache: string;
  credentials: string;
  destination: string;
  integrity: string;
  keepalive: boolean;
  mode: string;
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
  redirect: "follow",
  referrer: "about:client",
  referrerPolicy: "",
};

export interface RequestState {
  method: string;
  /** Serialized, with its fragment. */
  url: string;
  /** "name\nvalue\n..." until `list` is made of it. */
  flat: string;
  list: string[] | null;
  headers: Headers | null;
  body: Body | null;
  signal: Signal | null;
  /** Gives the signal when it is first asked for. */
  makeSignal: (() => Signal) | null;
  options: Readonly<RequestOptions>;
}

/** The header list itself, parsed at the first call. */
export function requestList(state: RequestState): string[] {
  if (state.list === null) {
    state.list = parseFlat(state.flat);
    state.flat = "";
  }
  return state.list;
}
