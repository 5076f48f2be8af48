/** URLPattern of the URL Pattern standard. Matching runs here, so that the limits hold for its expressions. */
import { usePart } from "../registry.ts";
import type { Core } from "../core/part.ts";
import {
  canonicalDomain,
  canonicalHash,
  canonicalHostname,
  canonicalIpv6,
  canonicalOpaquePathname,
  canonicalPassword,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  canonicalUsername,
  defaultPort,
  parseUrl,
  SPECIAL_SCHEMES,
} from "./canonical.ts";
import {
  type Component,
  compileComponent,
  type Groups,
  matchComponent,
  testComponent,
} from "./component.ts";
import { splitPattern } from "./constructor-string.ts";
import { type ComponentName, COMPONENTS, type Init, processInit } from "./init.ts";
import type { Encode } from "./parse-pattern.ts";

const { finishInterface, isObject, toDictionary, toUSVString } = usePart<Core>("core").webidl;

type Components = Record<ComponentName, Component>;

/** Alphabetical: WebIDL reads a dictionary's members in this order. */
const MEMBERS = [
  "baseURL",
  "hash",
  "hostname",
  "password",
  "pathname",
  "port",
  "protocol",
  "search",
  "username",
] as const;

function convertInit(value: unknown): Init {
  const dictionary = toDictionary(value, "URLPatternInit");
  const init: Init = {};
  for (const name of MEMBERS) {
    const member = dictionary[name];
    if (member !== undefined) init[name] = toUSVString(member);
  }
  return init;
}

function hostEncoder(hostname: string, protocol: Component): Encode {
  if (/^(?:\[|\{\[|\\\[)/.test(hostname)) return canonicalIpv6;
  return matchesSpecial(protocol) ? canonicalDomain : canonicalHostname;
}

const matchesSpecial = (protocol: Component): boolean =>
  SPECIAL_SCHEMES.some((scheme) => testComponent(protocol, scheme));

function compile(init: Init, ignoreCase: boolean): Components {
  const processed = processInit(init, "pattern");
  const text = (name: ComponentName): string => processed[name] ?? "*";
  const exact = { delimiter: "", prefix: "", ignoreCase: false };
  const plain = { ...exact, ignoreCase };
  if (
    processed.protocol !== undefined &&
    defaultPort(processed.protocol) === processed.port &&
    processed.port !== undefined
  ) {
    processed.port = "";
  }
  const protocol = compileComponent(text("protocol"), exact, canonicalProtocol);
  const special = matchesSpecial(protocol);
  const hostname = text("hostname");
  return {
    protocol,
    username: compileComponent(text("username"), exact, canonicalUsername),
    password: compileComponent(text("password"), exact, canonicalPassword),
    hostname: compileComponent(
      hostname,
      { ...exact, delimiter: "." },
      hostEncoder(hostname, protocol),
    ),
    port: compileComponent(text("port"), exact, (value) => canonicalPort(value)),
    pathname: special
      ? compileComponent(
          text("pathname"),
          { delimiter: "/", prefix: "/", ignoreCase },
          canonicalPathname,
        )
      : compileComponent(text("pathname"), plain, canonicalOpaquePathname),
    search: compileComponent(text("search"), plain, canonicalSearch),
    hash: compileComponent(text("hash"), plain, canonicalHash),
  };
}

function urlInit(input: string, base: string | undefined): Init | null {
  const url = parseUrl(input, base);
  if (url === null) return null;
  return {
    protocol: url.protocol.slice(0, -1),
    username: url.username,
    password: url.password,
    hostname: url.hostname,
    port: url.port,
    pathname: url.pathname,
    search: url.search.slice(1),
    hash: url.hash.slice(1),
  };
}

/** Components of what is matched, or null where it is no URL. */
function subject(input: unknown, base: string | undefined): Init | null {
  if (typeof input === "string") return urlInit(input, base);
  if (base !== undefined)
    throw new TypeError(
      "A base URL cannot be given with an object: put it into the object as baseURL",
    );
  try {
    return processInit(input as Init, "url");
  } catch {
    return null;
  }
}

const convertInput = (input: unknown): string | Init =>
  input === undefined || input === null || isObject(input)
    ? convertInit(input)
    : toUSVString(input);

type Result = { inputs: unknown[] } & Record<ComponentName, { input: string; groups: Groups }>;

export class URLPattern {
  readonly #components: Components;

  constructor(
    input: unknown = undefined,
    baseOrOptions: unknown = undefined,
    options: unknown = undefined,
  ) {
    const hasBase =
      arguments.length > 2 ||
      !(baseOrOptions === undefined || baseOrOptions === null || isObject(baseOrOptions));
    const pattern = convertInput(input);
    const base = hasBase ? toUSVString(baseOrOptions) : undefined;
    const { ignoreCase } = toDictionary(hasBase ? options : baseOrOptions, "URLPatternOptions");
    let init: Init;
    if (typeof pattern === "string") {
      init = splitPattern(pattern);
      if (base !== undefined) init.baseURL = base;
      else if (init.protocol === undefined) {
        throw new TypeError(
          `Invalid pattern '${pattern}': it is relative and there is no base URL`,
        );
      }
    } else {
      if (base !== undefined)
        throw new TypeError(
          "A base URL cannot be given with an object: put it into the object as baseURL",
        );
      init = pattern;
    }
    this.#components = compile(init, Boolean(ignoreCase));
  }

  get protocol(): string {
    return this.#components.protocol.pattern;
  }

  get username(): string {
    return this.#components.username.pattern;
  }

  get password(): string {
    return this.#components.password.pattern;
  }

  get hostname(): string {
    return this.#components.hostname.pattern;
  }

  get port(): string {
    return this.#components.port.pattern;
  }

  get pathname(): string {
    return this.#components.pathname.pattern;
  }

  get search(): string {
    return this.#components.search.pattern;
  }

  get hash(): string {
    return this.#components.hash.pattern;
  }

  get hasRegExpGroups(): boolean {
    const components = this.#components;
    return COMPONENTS.some((name) => components[name].hasRegexpGroups);
  }

  test(input: unknown = undefined, baseURL: unknown = undefined): boolean {
    const components = this.#components;
    const converted = convertInput(input);
    const values = subject(converted, baseURL === undefined ? undefined : toUSVString(baseURL));
    return (
      values !== null &&
      COMPONENTS.every((name) => testComponent(components[name], values[name] ?? ""))
    );
  }

  exec(input: unknown = undefined, baseURL: unknown = undefined): Result | null {
    const components = this.#components;
    const converted = convertInput(input);
    const base = baseURL === undefined ? undefined : toUSVString(baseURL);
    const values = subject(converted, base);
    if (values === null) return null;
    const result = { inputs: base === undefined ? [converted] : [converted, base] } as Result;
    for (const name of COMPONENTS) {
      const value = values[name] ?? "";
      const groups = matchComponent(components[name], value);
      if (groups === null) return null;
      result[name] = { input: value, groups };
    }
    return result;
  }
}
finishInterface(URLPattern, "URLPattern");
