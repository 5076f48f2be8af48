/** The second argument of a handler. Everything in it is made when it is read. */
import { notSupported } from "../messaging/not-available.ts";
import { kernel } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { EnvironmentPart } from "../environment/part.ts";
import type { UrlPart } from "./contracts.ts";
import {
  type Exchange,
  exchangeOf,
  factsOf,
  paramsOf,
  type RequestFacts,
  waitUntil,
} from "./exchange.ts";
import { scriptLog } from "./console.ts";

let exchangeIn: (info: Info) => Exchange;

export class Info {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get params(): Record<string, string> {
    return paramsOf(this.#exchange);
  }

  /** Of a name that occurs more than once, the last value. */
  get query(): Record<string, string> {
    const exchange = this.#exchange;
    return (exchange.query ??= queryOf(exchange.url));
  }

  get rest(): string {
    return factsOf(this.#exchange).rest;
  }

  get host(): Record<string, string> {
    return factsOf(this.#exchange).host;
  }

  get principal(): RequestFacts["principal"] {
    return factsOf(this.#exchange).principal;
  }

  get execution(): Record<string, unknown> {
    return factsOf(this.#exchange).execution;
  }

  get remoteAddr(): object {
    const exchange = this.#exchange;
    return (exchange.remoteAddr ??= { transport: "tcp", ...factsOf(exchange).remoteAddr });
  }

  get completed(): Promise<void> {
    const exchange = this.#exchange;
    if (exchange.completed === null) {
      exchange.completed = Promise.withResolvers<void>();
      exchange.completed.promise.catch(() => {});
      if (exchange.answered) exchange.completed.resolve();
    }
    return exchange.completed.promise;
  }

  get waitUntil(): (work: unknown) => void {
    const exchange = this.#exchange;
    return (work) => waitUntil(exchange, work);
  }

  /** Module workers call it on their context; there is no origin to pass to here. */
  passThroughOnException(): void {}

  static {
    exchangeIn = (info) => info.#exchange;
    for (const name of Object.getOwnPropertyNames(Info.prototype)) {
      if (name !== "constructor") Object.defineProperty(Info.prototype, name, { enumerable: true });
    }
  }
}

const { prototype: plainObject } = Object;

/** The app's variable of that name, unless every object has a member so called. */
function variable(name: string | symbol): string | undefined {
  if (typeof name === "symbol" || name in plainObject) return undefined;
  return usePart<EnvironmentPart>("environment").environment()[name];
}

// Module workers get their variables as members of the second argument: what Info itself lacks is looked up there.
Object.setPrototypeOf(
  Info.prototype,
  new Proxy(Object.create(plainObject) as object, {
    get: (target, name, receiver) =>
      variable(name) ?? (Reflect.get(target, name, receiver) as unknown),
    has: (target, name) => Reflect.has(target, name) || variable(name) !== undefined,
  }),
);

export const exchangeOfInfo = (info: Info): Exchange => exchangeIn(info);

function queryOf(url: string): Record<string, string> {
  const query: Record<string, string> = {};
  const from = url.indexOf("?");
  if (from < 0) return query;
  const flat = usePart<UrlPart>("url").parseForm(url.slice(from + 1));
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (name === "__proto__") {
      Object.defineProperty(query, name, {
        value: flat[i + 1],
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else {
      query[name] = flat[i + 1] as string;
    }
  }
  return query;
}

const EXECUTION_MEMBERS = [
  "id",
  "requestId",
  "scriptId",
  "scriptName",
  "version",
  "invocationType",
  "sdkVersion",
  "rootExecutionId",
  "triggerDepth",
];

/** `execution` of the module "picloud": reads the execution that runs now. */
function currentExecution(): object {
  const execution = {};
  for (const name of EXECUTION_MEMBERS) {
    Object.defineProperty(execution, name, {
      enumerable: true,
      configurable: true,
      get() {
        const exchange = exchangeOf(kernel.currentRequest);
        if (exchange === undefined) {
          throw new Error(
            `Cannot read execution.${name}: no request is handled now. Read it inside the handler`,
          );
        }
        return factsOf(exchange).execution[name];
      },
    });
  }
  return execution;
}

let execution: object | undefined;

/** What the module "picloud" exports; later parts add to it. */
export const picloud: Record<string, unknown> = {
  get execution() {
    return (execution ??= currentExecution());
  },
  log: scriptLog,
  invoke: () => unavailable("invoke", "call the other script over HTTP with fetch"),
  on: () => unavailable("on", "let the script that makes the change call this one with fetch"),
};

/** A name that the module does not have is an error where it is used, and not silently undefined. */
const missing: ProxyHandler<object> = {
  get(target, name, receiver) {
    if (typeof name === "symbol" || name in target || PROBED.has(name))
      return Reflect.get(target, name, receiver) as unknown;
    throw new SyntaxError(
      `The module "picloud" has no export ${name}: it has ${Object.keys(picloud).join(", ")}`,
    );
  },
};
/** What bundled code asks of every module or value. */
const PROBED: ReadonlySet<string> = new Set(["__esModule", "default", "then", "toJSON"]);
Object.setPrototypeOf(picloud, new Proxy(Object.prototype, missing));

function unavailable(name: string, instead: string): never {
  throw notSupported(name, instead);
}
