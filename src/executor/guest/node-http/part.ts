/** node:http and node:https: a client over fetch, a server over the script's routes. */
import { defineModule, definePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { type ClientClass, makeClient, type RequestOptions, urlOf } from "./client.ts";
import { type IncomingClass, makeIncoming } from "./incoming.ts";
import { makeOutgoing, type ResponseClass } from "./outgoing.ts";
import { makeServer, type ServerClass } from "./server.ts";
import { METHODS, STATUS_CODES } from "./tables.ts";

type Listener = (...args: never[]) => unknown;

interface Classes {
  IncomingMessage: IncomingClass;
  ServerResponse: ResponseClass;
  ClientRequest: ClientClass;
  Server: ServerClass;
}
let made: Classes | undefined;

function classes(): Classes {
  if (made === undefined) {
    const IncomingMessage = makeIncoming();
    const ServerResponse = makeOutgoing();
    made = {
      IncomingMessage,
      ServerResponse,
      ClientRequest: makeClient(IncomingMessage),
      Server: makeServer({ IncomingMessage, ServerResponse }),
    };
  }
  return made;
}

class Agent {
  readonly options: object;
  readonly maxSockets = Infinity;
  readonly requests = {};
  readonly sockets = {};
  constructor(options: object = {}) {
    this.options = options;
  }
  destroy(): void {}
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

function makeModule(protocol: "http:" | "https:"): object {
  const request = (
    first: string | RequestOptions,
    ...rest: unknown[]
  ): InstanceType<ClientClass> => {
    const onResponse = typeof rest.at(-1) === "function" ? (rest.pop() as Listener) : undefined;
    const given = (rest[0] ?? {}) as RequestOptions;
    const options = typeof first === "string" || first.href !== undefined ? given : first;
    return new (classes().ClientRequest)(
      typeof first === "string" ? first : urlOf(first, protocol),
      options,
      onResponse,
    );
  };
  const module = {
    request,
    get: (first: string | RequestOptions, ...rest: unknown[]) => request(first, ...rest).end(),
    createServer: (first?: unknown, second?: unknown) => new (classes().Server)(first, second),
    Agent,
    globalAgent: new Agent(),
    METHODS,
    STATUS_CODES,
    maxHeaderSize: 16_384,
    validateHeaderName(name: string) {
      if (!TOKEN.test(name))
        throw nodeError(
          TypeError,
          "ERR_INVALID_HTTP_TOKEN",
          `Header name must be a valid HTTP token ["${name}"]`,
        );
    },
    validateHeaderValue(name: string, value: unknown) {
      if (value === undefined)
        throw nodeError(
          TypeError,
          "ERR_HTTP_INVALID_HEADER_VALUE",
          `Invalid value "undefined" for header "${name}"`,
        );
    },
  };
  for (const name of ["IncomingMessage", "ServerResponse", "ClientRequest", "Server"] as const)
    Object.defineProperty(module, name, {
      enumerable: true,
      configurable: true,
      get: () => classes()[name],
    });
  Object.defineProperty(module, "OutgoingMessage", {
    enumerable: true,
    configurable: true,
    get: () => classes().ServerResponse,
  });
  return module;
}

const http = makeModule("http:");
definePart("node-http", http);
defineModule("node:http", () => http);
defineModule("node:https", () => makeModule("https:"));
for (const name of ["agent", "client", "common", "incoming", "outgoing", "server"])
  defineModule(`node:_http_${name}`, () => http);
