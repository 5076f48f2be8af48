/** An execution's port over the wire: writes its frames, and pairs service calls with their answers. */
import type { ExecError, ExecutionEnd } from "../../shared/execution.ts";
import type { ExecutionPort, ResponseHead } from "../engine/port.ts";
import type { Channel } from "../wire/channel.ts";
import { FRAME } from "../wire/frames.ts";
import { writeEnd, writeHead, writeSocketData } from "../wire/messages.ts";
import { packPayload, unpackPayload } from "../wire/payload.ts";

export class WirePort implements ExecutionPort {
  readonly #channel: Channel;
  readonly #number: number;
  readonly #onEnd: () => void;
  readonly #calls = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #nextCall = 1;

  constructor(channel: Channel, number: number, onEnd: () => void) {
    this.#channel = channel;
    this.#number = number;
    this.#onEnd = onEnd;
  }

  complete(head: ResponseHead, end: ExecutionEnd, isShort: boolean): void {
    const { writer } = this.#channel;
    writer.begin(FRAME.complete, this.#number);
    writeHead(writer, head);
    writeEnd(writer, end);
    writer.byte(isShort ? 1 : 0);
    this.#channel.send();
    this.#onEnd();
  }

  head(head: ResponseHead): void {
    this.#channel.writer.begin(FRAME.head, this.#number);
    writeHead(this.#channel.writer, head);
    this.#channel.send();
  }

  chunk(bytes: Uint8Array): void {
    this.#channel.writer.begin(FRAME.chunk, this.#number);
    this.#channel.writer.bytes(bytes);
    this.#channel.send();
  }

  #signal(type: number): void {
    this.#channel.writer.begin(type, this.#number);
    this.#channel.send();
  }

  bodyEnd(): void {
    this.#signal(FRAME.bodyEnd);
  }

  bodyError(error: ExecError): void {
    this.#channel.writer.begin(FRAME.bodyError, this.#number);
    this.#channel.writer.text(JSON.stringify(error));
    this.#channel.send();
  }

  end(end: ExecutionEnd): void {
    this.#channel.writer.begin(FRAME.end, this.#number);
    writeEnd(this.#channel.writer, end);
    this.#channel.send();
    for (const call of this.#calls.values()) call.reject(new Error("The execution has ended"));
    this.#calls.clear();
    this.#onEnd();
  }

  needBody(): void {
    this.#signal(FRAME.requestNeed);
  }

  cancelBody(): void {
    this.#signal(FRAME.requestCancel);
  }

  callService(operation: string, payload: unknown): Promise<unknown> {
    const call = this.#nextCall;
    this.#nextCall += 1;
    const { writer } = this.#channel;
    writer.begin(FRAME.serviceCall, this.#number);
    writer.word(call);
    writer.text(operation);
    writer.text(packPayload(payload));
    this.#channel.send();
    return new Promise((resolve, reject) => this.#calls.set(call, { resolve, reject }));
  }

  serviceResult(call: number, json: string): void {
    this.#calls.get(call)?.resolve(unpackPayload(json));
    this.#calls.delete(call);
  }

  serviceError(call: number, error: Error): void {
    this.#calls.get(call)?.reject(error);
    this.#calls.delete(call);
  }

  socketSend(data: string | Uint8Array): void {
    const { writer } = this.#channel;
    writer.begin(FRAME.socketSend, this.#number);
    writeSocketData(writer, data);
    this.#channel.send();
  }

  socketClose(code: number, reason: string): void {
    const { writer } = this.#channel;
    writer.begin(FRAME.socketShut, this.#number);
    writer.word(code);
    writer.text(reason);
    this.#channel.send();
  }
}
