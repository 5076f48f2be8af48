/** TextEncoderStream and TextDecoderStream. */
import { bindHost } from "../bridge.ts";
import { defineInterface } from "../events/idl.ts";
import { usePart } from "../registry.ts";
import { promiseCall, type Callback } from "./callbacks.ts";
import { resolvedWith } from "./promises.ts";
import { TransformState } from "./transform-stream.ts";

const encode = bindHost("text.encode") as (text: string) => Uint8Array;
const started = resolvedWith(undefined);

/** A transform of the platform's own: what `transform` and `flush` throw errors the stream. */
export function newTransform(
  transform: (chunk: unknown, controller: TransformState) => void,
  flush: (controller: TransformState) => void,
  cancel?: () => void,
): TransformState {
  return new TransformState(
    {
      transform: (chunk, controller) =>
        promiseCall(transform as Callback, undefined, [chunk, controller]),
      flush: (controller) => promiseCall(flush as Callback, undefined, [controller]),
      cancel: cancel && (() => promiseCall(cancel, undefined, [])),
    },
    started,
  );
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

export class TextEncoderStream {
  #state: TransformState;
  constructor() {
    let pending = "";
    this.#state = newTransform(
      (chunk, controller) => {
        let text = pending + `${chunk as string}`;
        pending = "";
        const last = text.length - 1;
        if (last >= 0 && isHighSurrogate(text.charCodeAt(last))) {
          pending = text.charAt(last);
          text = text.slice(0, last);
        }
        if (text !== "") controller.enqueue(encode(text.toWellFormed()));
      },
      (controller) => {
        if (pending !== "") controller.enqueue(encode("\ufffd"));
      },
    );
  }
  get encoding(): string {
    void this.#state;
    return "utf-8";
  }
  get readable(): object {
    return this.#state.readable;
  }
  get writable(): object {
    return this.#state.writable;
  }
}
defineInterface(TextEncoderStream, "TextEncoderStream");

interface Decoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: unknown, options?: { stream: boolean }): string;
}
interface EncodingPart {
  TextDecoder: (new (label: unknown, options: unknown) => Decoder) & { prototype: Decoder };
}

export class TextDecoderStream {
  #state: TransformState;
  #decoder: Decoder;
  constructor(label: unknown = "utf-8", options: unknown = undefined) {
    const { TextDecoder } = usePart<EncodingPart>("encoding");
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#state = newTransform(
      (chunk, controller) => {
        // What is undefined here would be a call without input there.
        const text = decoder.decode(chunk === undefined ? null : chunk, { stream: true });
        if (text !== "") controller.enqueue(text);
      },
      (controller) => {
        const text = decoder.decode();
        if (text !== "") controller.enqueue(text);
      },
    );
  }
  get encoding(): string {
    return this.#decoder.encoding;
  }
  get fatal(): boolean {
    return this.#decoder.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }
  get readable(): object {
    return this.#state.readable;
  }
  get writable(): object {
    return this.#state.writable;
  }
}
defineInterface(TextDecoderStream, "TextDecoderStream", 0);
