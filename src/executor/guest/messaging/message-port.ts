import { defineInterface, illegalConstructor, requireArguments } from "../events/idl.ts";
import type { Events } from "../events/part.ts";
import { usePart } from "../registry.ts";
import { cloneError } from "./clone-object.ts";
import { providePorts, readTransferOption, structuredCloneOf } from "./transfer.ts";

const events = usePart<Events>("events");
const { setTimeout } = globalThis as unknown as {
  setTimeout(run: () => void, ms: number): unknown;
};
const INTERNAL = Symbol("internal");

interface Message {
  data: unknown;
  ports: object[];
}

/** One end of a channel; it outlives the port object when that is transferred. */
class End {
  other: End | undefined;
  port: MessagePort | undefined;
  queue: Message[] = [];
  started = false;
  closed = false;
  #scheduled = false;

  /** Each message is a task of its own. */
  schedule(): void {
    if (this.#scheduled || !this.started || this.closed || this.queue.length === 0) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      const { port } = this;
      if (port === undefined || this.closed || !this.started) return;
      const message = this.queue.shift();
      this.schedule();
      if (message !== undefined) events.fire(port, new events.MessageEvent("message", message));
    }, 0);
  }
}

let isDetached: (port: object) => boolean;
let endOf: (port: object) => End | undefined;
let detach: (port: MessagePort) => End;

export class MessagePort extends events.EventTarget {
  #end: End;
  constructor(token?: symbol, end?: End) {
    if (token !== INTERNAL) illegalConstructor();
    super();
    this.#end = end as End;
    this.#end.port = this;
  }
  postMessage(message: unknown, options: unknown = undefined): void {
    const end = this.#end;
    requireArguments(arguments.length, 1, "MessagePort.postMessage");
    const transfer = readTransferOption(options, "The options", true);
    if (transfer.includes(this)) throw cloneError("The port that the message is sent by");
    const doomed = transfer.some(
      (object) => endOf(object) !== undefined && endOf(object) === end.other,
    );
    const { value, ports } = structuredCloneOf(message, transfer);
    const { other } = end;
    if (other === undefined || other.closed || doomed) return;
    other.queue.push({ data: value, ports });
    other.schedule();
  }
  start(): void {
    this.#end.started = true;
    this.#end.schedule();
  }
  close(): void {
    const end = this.#end;
    if (end.closed) return;
    end.closed = true;
    const { other } = end;
    end.other = undefined;
    if (other === undefined) return;
    other.other = undefined;
    setTimeout(() => {
      if (other.port !== undefined) events.fire(other.port, new events.Event("close"));
    }, 0);
  }
  static {
    isDetached = (port) => (port as MessagePort).#end.closed;
    endOf = (port) => (#end in port ? port.#end : undefined);
    detach = (port) => {
      const end = port.#end;
      port.#end = new End();
      port.#end.closed = true;
      end.started = false;
      end.port = undefined;
      return end;
    };
  }
}
defineInterface(MessagePort, "MessagePort", 0);
events.defineHandlers(MessagePort, "message", "messageerror", "close");

// Setting onmessage also starts the port.
const { get, set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage") as {
  get: () => unknown;
  set: (value: unknown) => void;
};
Object.defineProperty(MessagePort.prototype, "onmessage", {
  ...Object.getOwnPropertyDescriptor(
    {
      set onmessage(value: unknown) {
        Reflect.apply(set, this, [value]);
        const end = endOf(this);
        if (end !== undefined) {
          end.started = true;
          end.schedule();
        }
      },
    },
    "onmessage",
  ),
  get,
  enumerable: true,
  configurable: true,
});

export const isPort = (value: unknown): value is MessagePort =>
  typeof value === "object" && value !== null && endOf(value) !== undefined;

// Moves the end to a port of its own; the old port is closed.
providePorts({
  isPort,
  isDetached,
  transfer: (port) => new MessagePort(INTERNAL, detach(port as MessagePort)),
});

export class MessageChannel {
  #port1: MessagePort;
  #port2: MessagePort;
  constructor() {
    const [one, two] = [new End(), new End()];
    one.other = two;
    two.other = one;
    this.#port1 = new MessagePort(INTERNAL, one);
    this.#port2 = new MessagePort(INTERNAL, two);
  }
  get port1(): MessagePort {
    return this.#port1;
  }
  get port2(): MessagePort {
    return this.#port2;
  }
}
defineInterface(MessageChannel, "MessageChannel");
