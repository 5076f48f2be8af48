/** node:http and node:https: a client over fetch, and so under the app's egress policy. */
import { defineModule, definePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { type HttpClasses, makeClasses, type RequestOptions, urlOf } from "./messages.ts";

type Listener = (...args: never[]) => unknown;
type ClientRequest = InstanceType<HttpClasses["ClientRequest"]>;

let made: HttpClasses | undefined;
const classes = (): HttpClasses => (made ??= makeClasses());

const METHODS =
  "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE".split(
    " ",
  );
const TEXTS: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Payload Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  418: "I'm a Teapot",
  422: "Unprocessable Entity",
  425: "Too Early",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

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

function refuse(): never {
  throw nodeError(
    Error,
    "ERR_METHOD_NOT_IMPLEMENTED",
    "node:http createServer is not available in PiCloud: requests reach a script by its routes, so use Deno.serve or export default { fetch }",
  );
}

function makeModule(protocol: "http:" | "https:"): object {
  const request = (first: string | RequestOptions, ...rest: unknown[]): ClientRequest => {
    const onResponse = typeof rest.at(-1) === "function" ? (rest.pop() as Listener) : undefined;
    const given = (rest[0] ?? {}) as RequestOptions;
    const isUrl = typeof first === "string" || first.href !== undefined;
    const options = isUrl ? given : first;
    const url = typeof first === "string" ? first : urlOf(first, protocol);
    return new (classes().ClientRequest)(url, options, onResponse);
  };
  return {
    request,
    get(first: string | RequestOptions, ...rest: unknown[]) {
      const sent = request(first, ...rest);
      sent.end();
      return sent;
    },
    get ClientRequest() {
      return classes().ClientRequest;
    },
    get IncomingMessage() {
      return classes().IncomingMessage;
    },
    Agent,
    globalAgent: new Agent(),
    METHODS,
    STATUS_CODES: TEXTS,
    maxHeaderSize: 16_384,
    createServer: refuse,
    Server: refuse,
    ServerResponse: refuse,
    OutgoingMessage: refuse,
    validateHeaderName(name: string) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
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
}

const http = makeModule("http:");
definePart("node-http", http);
defineModule("node:http", () => http);
defineModule("node:https", () => makeModule("https:"));
for (const name of ["agent", "client", "common", "incoming", "outgoing", "server"])
  defineModule(`node:_http_${name}`, () => http);
