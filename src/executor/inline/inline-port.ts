import type { ExecutionEnd } from "../../shared/execution.ts";
import type { ExecutionPort, ResponseHead } from "../engine/port.ts";
import { InlineEscape } from "./operations.ts";

/** Takes one whole answer; anything that would have to be passed on at once ends the run. */
export class InlinePort implements ExecutionPort {
  answer: { head: ResponseHead; end: ExecutionEnd; isShort: boolean } | null = null;

  complete(head: ResponseHead, end: ExecutionEnd, isShort: boolean): void {
    this.answer = { head, end, isShort };
  }

  /** Without a response there is nothing to give: an executor process finds out what is wrong. */
  end(): void {}

  head(): void {}
  chunk(): void {}
  bodyEnd(): void {}
  bodyError(): void {}
  needBody(): void {}
  cancelBody(): void {}
  socketSend(): void {}
  socketClose(): void {}

  callService(operation: string): Promise<unknown> {
    throw new InlineEscape(operation);
  }
}
