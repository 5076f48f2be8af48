/** Layout of the frames that have more than one field, written and read side by side. */
import type { ExecError, ExecutionEnd, HeaderList, LogLine } from "../../shared/execution.ts";
import { INVOCATION_TYPES, OUTCOMES } from "../../shared/outcome.ts";
import { STREAMED } from "../engine/port.ts";
import type { ExecutionInput, ResponseHead } from "../engine/port.ts";
import { BODY } from "./frames.ts";
import type { FrameReader } from "./reader.ts";
import { MalformedFrame } from "./reader.ts";
import type { FrameWriter } from "./writer.ts";

export interface ProcessSettings {
  imageCacheBytes: number;
  /** Where images are kept, or null. */
  imageDirectory: string | null;
}

export function writeInput(writer: FrameWriter, input: ExecutionInput): void {
  writer.text(input.executionId);
  writer.text(input.rootExecutionId);
  writer.word(input.triggerDepth);
  writer.byte(INVOCATION_TYPES.indexOf(input.invocationType));
  writer.text(input.method);
  writer.text(input.url);
  writer.text(input.headersFlat);
  writer.text(input.paramsJson);
  writer.text(input.infoJson);
  const { body } = input;
  writer.byte(body === null ? BODY.none : body === STREAMED ? BODY.stream : BODY.bytes);
  if (body !== null && body !== STREAMED) writer.bytes(body);
}

export function readInput(frame: FrameReader): ExecutionInput {
  const executionId = frame.text();
  const rootExecutionId = frame.text();
  const triggerDepth = frame.word();
  const invocationType = INVOCATION_TYPES[frame.byte()];
  if (invocationType === undefined) throw new MalformedFrame("an unknown invocation type");
  const method = frame.text();
  const url = frame.text();
  const headersFlat = frame.text();
  const paramsJson = frame.text();
  const infoJson = frame.text();
  const kind = frame.byte();
  const body = kind === BODY.none ? null : kind === BODY.stream ? STREAMED : frame.bytes();
  return {
    executionId,
    rootExecutionId,
    triggerDepth,
    invocationType,
    method,
    url,
    headersFlat,
    paramsJson,
    infoJson,
    body,
  };
}

export function writeHead(writer: FrameWriter, head: ResponseHead): void {
  writer.word(head.status);
  writer.text(head.headersFlat);
  const { body } = head;
  if (body === null || body === STREAMED) {
    writer.byte(body === null ? BODY.none : BODY.stream);
  } else if (typeof body === "string") {
    writer.byte(BODY.text);
    writer.text(body);
  } else {
    writer.byte(BODY.bytes);
    writer.bytes(body);
  }
}

export function readHead(frame: FrameReader): ResponseHead {
  const status = frame.word();
  const headersFlat = frame.text();
  const kind = frame.byte();
  if (kind === BODY.none) return { status, headersFlat, body: null };
  if (kind === BODY.stream) return { status, headersFlat, body: STREAMED };
  // A text's UTF-8 bytes go out as they are: nobody needs the string again.
  return { status, headersFlat, body: frame.bytes() };
}

export function writeEnd(writer: FrameWriter, end: ExecutionEnd): void {
  writer.byte(OUTCOMES.indexOf(end.outcome));
  writer.double(end.cpuMs);
  writer.double(end.memoryPeakBytes);
  writer.text(end.error === null ? "" : JSON.stringify(end.error));
  writer.text(end.logs.length === 0 ? "" : JSON.stringify(end.logs));
  writer.word(end.logsDropped);
}

export function readEnd(frame: FrameReader): ExecutionEnd {
  const outcome = OUTCOMES[frame.byte()];
  if (outcome === undefined) throw new MalformedFrame("an unknown outcome");
  const cpuMs = frame.double();
  const memoryPeakBytes = frame.double();
  const error = frame.text();
  const logs = frame.text();
  return {
    outcome,
    cpuMs,
    memoryPeakBytes,
    error: error === "" ? null : (JSON.parse(error) as ExecError),
    logs: logs === "" ? [] : (JSON.parse(logs) as LogLine[]),
    logsDropped: frame.word(),
  };
}

/** "name\nvalue\nname\nvalue"; neither part of a header can hold a line feed. */
export function flattenHeaders(headers: HeaderList): string {
  let flat = "";
  for (const [name, value] of headers)
    flat += flat === "" ? `${name}\n${value}` : `\n${name}\n${value}`;
  return flat;
}

export function expandHeaders(flat: string): HeaderList {
  if (flat === "") return [];
  const fields = flat.split("\n");
  const headers: HeaderList = [];
  for (let i = 0; i + 1 < fields.length; i += 2)
    headers.push([fields[i] ?? "", fields[i + 1] ?? ""]);
  return headers;
}

/** A message of a WebSocket: text or bytes. */
export function writeSocketData(writer: FrameWriter, data: string | Uint8Array): void {
  writer.byte(typeof data === "string" ? 1 : 0);
  if (typeof data === "string") writer.text(data);
  else writer.bytes(data);
}

export const readSocketData = (frame: FrameReader): string | Uint8Array =>
  frame.byte() === 1 ? frame.text() : frame.bytes();
