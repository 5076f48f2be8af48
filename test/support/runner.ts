import { RequestInput } from "../../src/executor/client/execution-input.ts";
import type { Runner } from "../../src/executor/engine/runner.ts";
import type { ExecutionPort, ResponseHead } from "../../src/executor/engine/port.ts";
import type { ExecRequest, ExecutableScript, ExecutionEnd } from "../../src/shared/execution.ts";
import { makeRequest } from "./executor-harness.ts";

export interface Outcome {
  body: ResponseHead["body"];
  end: ExecutionEnd;
}

/** Waits for the end of an execution that streams nothing and asks for nothing. */
export class OutcomePort implements ExecutionPort {
  readonly #settled = Promise.withResolvers<Outcome>();
  readonly outcome = this.#settled.promise;
  #body: Outcome["body"] = null;

  complete({ body }: ResponseHead, end: ExecutionEnd): void {
    this.#settled.resolve({ body, end });
  }

  head({ body }: ResponseHead): void {
    this.#body = body;
  }

  end(end: ExecutionEnd): void {
    this.#settled.resolve({ body: this.#body, end });
  }

  chunk(): void {}
  bodyEnd(): void {}
  bodyError(): void {}
  needBody(): void {}
  cancelBody(): void {}
  socketSend(): void {}
  socketClose(): void {}
  callService(operation: string): Promise<unknown> {
    return Promise.reject(new Error(`No service ${operation}`));
  }
}

/** Makes the script's image where it is missing, and runs one request; resolves once its first turn is over. */
export async function runIn(
  runner: Runner,
  script: ExecutableScript,
  port: ExecutionPort,
  request: Partial<ExecRequest> = {},
): Promise<void> {
  const prepared = await runner.prepare(script, port);
  if (!prepared.ok) throw new Error(`The module cannot be evaluated: ${prepared.error.message}`);
  const input = new RequestInput(script, makeRequest(request));
  runner.execute(script, input, port, prepared.built);
}
