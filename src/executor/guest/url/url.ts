/** URL of the URL standard, around its serialization. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { Core } from "../core/part.ts";
import { type Components, locate } from "./components.ts";
import { createObjectURL, revokeObjectURL } from "./object-urls.ts";
import { parseHref } from "./parse.ts";
import { paramsOf, replaceParams, type URLSearchParams } from "./search-params.ts";

const { finishInterface, illegalInvocation, requireArguments, toUSVString } =
  usePart<Core>("core").webidl;
const hostSet = bindHost("url.set") as (href: string, member: string, value: string) => string;

const SPECIAL_ORIGIN = /^(?:https?|wss?|ftp):/;
const HTTP = /^https?:/;

let adopt: (href: string) => URL;

function checked(url: unknown, base: unknown): string | null {
  const input = toUSVString(url);
  return base === undefined ? parseHref(input) : parseHref(input, toUSVString(base));
}

function originOf(href: string, parts: Components): string {
  if (SPECIAL_ORIGIN.test(href)) {
    return `${href.slice(0, parts.protocolEnd)}//${href.slice(parts.hostStart, parts.portEnd)}`;
  }
  if (!href.startsWith("blob:")) return "null";
  const inner = parseHref(href.slice(parts.pathStart, parts.pathEnd));
  return inner !== null && HTTP.test(inner) ? originOf(inner, locate(inner)) : "null";
}

/** Where the authority of an http(s) URL has begun for certain, and its path not yet. */
const IN_AUTHORITY = 8;

/** Path of a serialized http(s) URL, without looking for anything else. */
function httpPath(href: string): string {
  const start = href.indexOf("/", IN_AUTHORITY);
  let end = href.indexOf("?", start);
  const hash = href.indexOf("#", start);
  if (end < 0 || (hash >= 0 && hash < end)) end = hash;
  return end < 0 ? href.slice(start) : href.slice(start, end);
}

export class URL {
  #href: string;
  #parts: Components | null = null;
  #params: URLSearchParams | null = null;

  constructor(url: unknown, base: unknown = undefined) {
    // `arguments` would be made for every call; undefined alone is no URL either.
    if (url === undefined && base === undefined)
      requireArguments(0, 1, "Failed to construct 'URL'");
    const href = checked(url, base);
    if (href === null) throw invalidUrl(url, base);
    this.#href = href;
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, "Failed to execute 'parse' on 'URL'");
    const href = checked(url, base);
    return href === null ? null : adopt(href);
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, "Failed to execute 'canParse' on 'URL'");
    return checked(url, base) !== null;
  }

  static createObjectURL(object: unknown): string {
    requireArguments(arguments.length, 1, "Failed to execute 'createObjectURL' on 'URL'");
    return createObjectURL(object);
  }

  static revokeObjectURL(url: unknown): void {
    requireArguments(arguments.length, 1, "Failed to execute 'revokeObjectURL' on 'URL'");
    revokeObjectURL(toUSVString(url));
  }

  get href(): string {
    return this.#href;
  }

  set href(value: string) {
    if (!(#href in this)) illegalInvocation();
    const text = toUSVString(value);
    const href = parseHref(text);
    if (href === null) throw invalidUrl(text, undefined);
    this.#moveTo(href);
    this.#refreshParams();
  }

  get origin(): string {
    return originOf(this.#href, this.#locate());
  }

  get protocol(): string {
    return this.#href.slice(0, this.#locate().protocolEnd);
  }

  set protocol(value: string) {
    this.#set("protocol", value);
  }

  get username(): string {
    const parts = this.#locate();
    return this.#href.slice(parts.usernameStart, parts.usernameEnd);
  }

  set username(value: string) {
    this.#set("username", value);
  }

  get password(): string {
    const parts = this.#locate();
    return this.#href.slice(parts.passwordStart, parts.passwordEnd);
  }

  set password(value: string) {
    this.#set("password", value);
  }

  get host(): string {
    const parts = this.#locate();
    return this.#href.slice(parts.hostStart, parts.portEnd);
  }

  set host(value: string) {
    this.#set("host", value);
  }

  get hostname(): string {
    const parts = this.#locate();
    return this.#href.slice(parts.hostStart, parts.hostEnd);
  }

  set hostname(value: string) {
    this.#set("hostname", value);
  }

  get port(): string {
    const parts = this.#locate();
    return this.#href.slice(parts.portStart, parts.portEnd);
  }

  set port(value: string) {
    this.#set("port", value);
  }

  get pathname(): string {
    const href = this.#href;
    if (href.startsWith("http:") || href.startsWith("https:")) return httpPath(href);
    const parts = this.#locate();
    return href.slice(parts.pathStart, parts.pathEnd);
  }

  set pathname(value: string) {
    this.#set("pathname", value);
  }

  get search(): string {
    const parts = this.#locate();
    return parts.searchEnd - parts.pathEnd > 1
      ? this.#href.slice(parts.pathEnd, parts.searchEnd)
      : "";
  }

  set search(value: string) {
    this.#set("search", value);
    this.#refreshParams();
  }

  get searchParams(): URLSearchParams {
    if (this.#params === null) {
      const parts = this.#locate();
      const query = this.#href.slice(parts.pathEnd + 1, parts.searchEnd);
      this.#params = paramsOf(query, (changed) =>
        this.#moveTo(hostSet(this.#href, "search", changed)),
      );
    }
    return this.#params;
  }

  get hash(): string {
    const { searchEnd } = this.#locate();
    return this.#href.length - searchEnd > 1 ? this.#href.slice(searchEnd) : "";
  }

  set hash(value: string) {
    this.#set("hash", value);
  }

  toString(): string {
    return this.#href;
  }

  toJSON(): string {
    return this.#href;
  }

  #locate(): Components {
    return (this.#parts ??= locate(this.#href));
  }

  #moveTo(href: string): void {
    this.#href = href;
    this.#parts = null;
  }

  #set(member: string, value: unknown): void {
    if (!(#href in this)) illegalInvocation();
    this.#moveTo(hostSet(this.#href, member, toUSVString(value)));
  }

  #refreshParams(): void {
    if (this.#params === null) return;
    const parts = this.#locate();
    replaceParams(this.#params, this.#href.slice(parts.pathEnd + 1, parts.searchEnd));
  }

  static {
    adopt = (href) => {
      const url = new URL("about:blank");
      url.#href = href;
      return url;
    };
  }
}
finishInterface(URL, "URL");

function invalidUrl(url: unknown, base: unknown): TypeError {
  const what =
    base === undefined ? `'${url as string}'` : `'${url as string}' with base '${base as string}'`;
  const error = new TypeError(`Invalid URL: ${what}`);
  Object.defineProperty(error, "code", {
    value: "ERR_INVALID_URL",
    configurable: true,
    writable: true,
  });
  return error;
}
