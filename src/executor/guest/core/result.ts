/** What a handler returned, as a Response. */
import { bodyOf, type Body, extractBody } from "./body.ts";
import { indexOfName } from "./header-list.ts";
import { headerListFrom } from "./headers.ts";
import { isResponse, makeResponse, Response } from "./response.ts";
import { isObject } from "./webidl.ts";

/** What the handler gave cannot be made a response: outcome `invalid_response`. */
export class InvalidResponse extends TypeError {}

const stringify = JSON.stringify;

export function toResponse(value: unknown): Response {
  if (isResponse(value)) return value;
  if (value === undefined) {
    throw new InvalidResponse(
      "Handler returned undefined: return a Response, or a value that is sent as JSON",
    );
  }
  if (value instanceof Response) {
    throw new InvalidResponse(
      "Handler returned what looks like a Response: it must be a Response made by the constructor in this realm",
    );
  }
  if (isObject(value) && "statusCode" in value) return fromStatusCode(value);
  return makeResponse({
    flat: "content-type\napplication/json",
    body: bodyOf(jsonOf(value, "Handler returned"), true),
  });
}

function jsonOf(value: unknown, what: string): string {
  let text: string | undefined;
  try {
    text = stringify(value);
  } catch (error) {
    throw new InvalidResponse(`${what} a value that is not JSON serializable`, { cause: error });
  }
  if (text === undefined) {
    throw new InvalidResponse(
      `${what} a ${typeof value}, which is neither a Response nor JSON serializable`,
    );
  }
  return text;
}

interface Shaped {
  statusCode: unknown;
  headers?: unknown;
  body?: unknown;
}

function fromStatusCode(value: Shaped): Response {
  const { statusCode: status, body } = value;
  if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new InvalidResponse("Handler returned a statusCode that is no integer from 200 to 599");
  }
  const list = shapedHeaders(value.headers);
  const [content, type] = shapedBody(body);
  if (content !== null && (status === 204 || status === 205 || status === 304)) {
    throw new InvalidResponse(`Handler returned a body with statusCode ${status}, which has none`);
  }
  if (type !== null && indexOfName(list, "content-type") < 0) list.push("content-type", type);
  return makeResponse({ status, list, body: content });
}

function shapedHeaders(headers: unknown): string[] {
  if (headers === undefined || headers === null) return [];
  try {
    return headerListFrom(headers);
  } catch (error) {
    throw new InvalidResponse("Handler returned headers that are not valid", { cause: error });
  }
}

function shapedBody(body: unknown): [Body | null, string | null] {
  if (body === undefined || body === null) return [null, null];
  if (typeof body === "string") return extractBody(body);
  if (isObject(body) && isBodyObject(body)) return extractBody(body);
  return [bodyOf(jsonOf(body, "Handler returned in body"), true), "application/json"];
}

const BODY_TAGS = ["ArrayBuffer", "ReadableStream", "Blob", "File", "FormData", "URLSearchParams"];

const isBodyObject = (body: object): boolean =>
  ArrayBuffer.isView(body) ||
  BODY_TAGS.indexOf((body as Record<symbol, string>)[Symbol.toStringTag] ?? "") >= 0;
