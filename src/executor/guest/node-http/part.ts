/** node:http and node:https: a client over fetch, a server over the script's routes. */
import { defineModule, definePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { type AgentClass, makeAgent } from "./agent.ts";
import { type ClientClass, makeClient, readArguments, type RequestOptions } from "./client.ts";
import { type IncomingClass, makeIncoming } from "./incoming.ts";
import { makeOutgoing, type ResponseClass } from "./outgoing.ts";
import { makeServer, type ServerClass } from "./server.ts";
import { METHODS, STATUS_CODES } from "./tables.ts";

interface Classes {
  IncomingMessage: IncomingClass;
  ServerResponse: ResponseClass;
  ClientRequest: ClientClass;
  Server: ServerClass;
  Agent: AgentClass;
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
      Agent: makeAgent(),
    };
  }
  return made;
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

function makeModule(protocol: "http:" | "https:"): object {
  const request = (
    target: string | RequestOptions,
    ...rest: unknown[]
  ): InstanceType<ClientClass> => {
    const { url, options, onResponse } = readArguments(target, rest, protocol);
    return new (classes().ClientRequest)(url, options, onResponse);
  };
  let agent: InstanceType<AgentClass> | undefined;
  const module = {
    request,
    get: (first: string | RequestOptions, ...rest: unknown[]) => request(first, ...rest).end(),
    createServer: (first?: unknown, second?: unknown) => new (classes().Server)(first, second),
    get globalAgent() {
      return (agent ??= new (classes().Agent)());
    },
    set globalAgent(other) {
      agent = other;
    },
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
  for (const name of [
    "IncomingMessage",
    "ServerResponse",
    "ClientRequest",
    "Server",
    "Agent",
  ] as const)
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
