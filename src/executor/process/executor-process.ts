/** An executor process: takes requests from the platform over a socket, and runs them. */
import { unrunEnd } from "../../shared/execution.ts";
import type { ExecutableScript, ExecutionEnd } from "../../shared/execution.ts";
import type { ScriptImage } from "../engine/builder.ts";
import type { Execution } from "../engine/execution.ts";
import { encodeImage } from "../engine/image-codec.ts";
import { ImageStore } from "../engine/image-store.ts";
import type { ExecutionInput } from "../engine/port.ts";
import { Runner } from "../engine/runner.ts";
import type { RunnerOptions } from "../engine/runner.ts";
import { identifyRuntime } from "../engine/runtime-build.ts";
import { guestSources } from "../guest-sources.ts";
import { HostError } from "../host/host-function.ts";
import { engineModule } from "../wasm/module.ts";
import { Channel } from "../wire/channel.ts";
import { FRAME } from "../wire/frames.ts";
import { readInput, readSocketData } from "../wire/messages.ts";
import type { ProcessSettings } from "../wire/messages.ts";
import type { FrameReader } from "../wire/reader.ts";
import { StartQueue } from "./start-queue.ts";
import { WirePort } from "./wire-port.ts";

/** Path of the platform's socket. */
export const SOCKET_VARIABLE = "PICLOUD_EXECUTOR_SOCKET";

const NO_IMAGE = new Uint8Array(0);

const RELEASE_INTERVAL_MS = 10_000;

/** Requests are taken for so long before the answers to them go out: a queue of slow ones must not look like silence. */
const SLICE_MS = 4;

interface QueuedRequest {
  number: number;
  script: ExecutableScript;
  input: ExecutionInput;
  port: WirePort;
}

const aborted = (reason: string): ExecutionEnd =>
  unrunEnd("aborted", { name: "AbortError", message: reason });

class ExecutorProcess {
  readonly #channel = new Channel(
    (frame) => this.#onFrame(frame),
    SLICE_MS,
    () => this.#beginOthers(),
  );
  readonly #starts = new StartQueue(SLICE_MS, () => this.#channel.flush());
  readonly #scripts = new Map<number, ExecutableScript>();
  readonly #executions = new Map<number, Execution>();
  /** Why, of requests whose image is still being made. */
  readonly #abortedEarly = new Map<number, string>();
  readonly #ports = new Map<number, WirePort>();
  readonly #closed = Promise.withResolvers<void>();
  #runner: Runner | undefined;
  /** Evaluations wait for the runner; requests do in their queue. */
  #ready: Promise<void> = Promise.resolve();

  /** @throws what kept the engine from starting: then the process ends, and the platform tells those who wait for it */
  async run(socketPath: string): Promise<void> {
    const closed = this.#closed;
    const connecting = Bun.connect({
      unix: socketPath,
      socket: {
        // A slice of a Buffer would be a view.
        binaryType: "uint8array",
        data: (_socket, bytes) => this.#channel.received(bytes),
        drain: () => this.#channel.drained(),
        close: () => closed.resolve(),
        error: (_socket, error) => closed.reject(error),
      },
    });
    // Refused when the platform ended while this process started: there is nobody to tell.
    const socket = await connecting.catch(() => undefined);
    if (socket === undefined) return;
    this.#channel.attach(socket);
    await closed.promise;
  }

  #onFrame(frame: FrameReader): void {
    const { execution: number } = frame;
    switch (frame.type) {
      case FRAME.request:
        this.#onRequest(number, frame);
        return;
      case FRAME.credit:
        this.#executions.get(number)?.credit(frame.word());
        return;
      case FRAME.abort:
        this.#abort(number, frame.text());
        return;
      case FRAME.requestChunk:
        this.#executions.get(number)?.requestChunk(frame.bytes());
        return;
      case FRAME.requestEnd:
        this.#executions.get(number)?.requestEnd();
        return;
      case FRAME.requestError:
        this.#executions.get(number)?.requestError(frame.text());
        return;
      case FRAME.socketOpen:
        this.#executions.get(number)?.socketEvent("open", "");
        return;
      case FRAME.socketMessage:
        this.#executions.get(number)?.socketEvent("message", readSocketData(frame));
        return;
      case FRAME.socketClose:
        this.#executions.get(number)?.socketEvent("close", frame.word(), frame.text(), true);
        return;
      case FRAME.serviceResult:
        this.#ports.get(number)?.serviceResult(frame.word(), frame.text());
        return;
      case FRAME.serviceError:
        this.#ports
          .get(number)
          ?.serviceError(frame.word(), new HostError(frame.text(), frame.text(), frame.text()));
        return;
      default:
        this.#onControl(frame);
    }
  }

  /** A client may go before its request has begun, or while the image of its script is still being made. */
  #abort(number: number, reason: string): void {
    const execution = this.#executions.get(number);
    if (execution !== undefined) execution.abort(reason);
    else if (this.#starts.drop(number)) this.#ports.get(number)?.end(aborted(reason));
    else if (this.#ports.has(number)) this.#abortedEarly.set(number, reason);
  }

  #onControl(frame: FrameReader): void {
    switch (frame.type) {
      case FRAME.script:
        this.#scripts.set(frame.execution, JSON.parse(frame.text()) as ExecutableScript);
        return;
      case FRAME.forgetScript:
        this.#forget(frame.execution);
        return;
      case FRAME.evaluate:
        void this.#evaluate(frame.execution, frame.word());
        return;
      case FRAME.imageWanted:
        this.#sendImage(frame.execution);
        return;
      case FRAME.ping:
        this.#pong(frame.execution);
        return;
      case FRAME.hello:
        this.#ready = this.#start(JSON.parse(frame.text()) as ProcessSettings, frame.bytes());
        this.#ready.catch(this.#closed.reject);
        return;
      default:
        throw new Error(`The platform sent an unknown frame of type ${frame.type}`);
    }
  }

  async #start(settings: ProcessSettings, imageKey: Uint8Array): Promise<void> {
    const [module, sources] = await Promise.all([engineModule(), guestSources()]);
    const { imageCacheBytes, imageDirectory } = settings;
    const options: RunnerOptions = { module, sources, imageCacheBytes };
    if (imageDirectory !== null) {
      const runtimeBuild = await identifyRuntime(sources);
      options.store = new ImageStore({ directory: imageDirectory, key: imageKey, runtimeBuild });
    }
    const runner = new Runner(options);
    this.#runner = runner;
    setInterval(() => runner.releaseUnused(), RELEASE_INTERVAL_MS).unref();
    this.#channel.writer.begin(FRAME.ready, 0);
    this.#channel.send();
    this.#starts.soon();
  }

  /** At once, where there is nothing that could go on. */
  #beginOthers(): void {
    if (this.#runner === undefined) return;
    if (this.#executions.size === 0) this.#starts.run();
    else this.#starts.soon();
  }

  #onRequest(number: number, frame: FrameReader): void {
    const script = this.#scripts.get(frame.word());
    const input = readInput(frame);
    const port = new WirePort(this.#channel, number, () => {
      this.#executions.delete(number);
      this.#ports.delete(number);
      this.#abortedEarly.delete(number);
    });
    if (script === undefined) throw new Error("A request names a script that was not sent");
    this.#ports.set(number, port);
    this.#enqueue({ number, script, input, port });
  }

  #enqueue(request: QueuedRequest, prepared?: ScriptImage): void {
    request.input.arrivedAt = performance.now();
    this.#starts.add(request.number, () => this.#begin(request, prepared));
  }

  #begin(request: QueuedRequest, prepared?: ScriptImage): void {
    const { number, script, input, port } = request;
    if (performance.now() - (input.arrivedAt ?? 0) > script.limits.wall_ms) {
      const message = `No response within wall_ms (${script.limits.wall_ms} ms): it could not begin`;
      port.end(unrunEnd("timed_out", { name: "TimeoutError", message }));
      return;
    }
    const execution = this.#runner?.execute(script, input, port, prepared);
    if (execution === undefined) void this.#prepare(request);
    else if (!execution.closed) this.#executions.set(number, execution);
  }

  async #prepare(request: QueuedRequest): Promise<void> {
    const { number, script, port } = request;
    const result = await this.#runner?.prepare(script, port);
    const reason = this.#abortedEarly.get(number);
    if (reason !== undefined) port.end(aborted(reason));
    else if (result?.ok === true) this.#enqueue(request, result.built);
    else if (result !== undefined) port.end(unrunEnd(result.outcome, result.error));
    this.#starts.soon();
  }

  async #evaluate(number: number, scriptNumber: number): Promise<void> {
    // Read before waiting: a newer version may make the platform forget this one meanwhile.
    const script = this.#scripts.get(scriptNumber);
    await this.#ready;
    if (script === undefined || this.#runner === undefined)
      throw new Error("An evaluation names a script that was not sent");
    const port = new WirePort(this.#channel, number, () => undefined);
    this.#ports.set(number, port);
    const result = await this.#runner.evaluate(script, port);
    this.#ports.delete(number);
    const { writer } = this.#channel;
    writer.begin(FRAME.evaluated, number);
    writer.text(JSON.stringify(result));
    this.#channel.send();
  }

  #sendImage(scriptNumber: number): void {
    const script = this.#scripts.get(scriptNumber);
    const image = script === undefined ? undefined : this.#runner?.imageOf(script);
    const { writer } = this.#channel;
    writer.begin(FRAME.image, scriptNumber);
    writer.bytes(image === undefined ? NO_IMAGE : encodeImage(image));
    this.#channel.send();
  }

  /** After the requests that came before: their image would come back otherwise. */
  #forget(scriptNumber: number): void {
    const script = this.#scripts.get(scriptNumber);
    this.#scripts.delete(scriptNumber);
    if (script !== undefined) this.#starts.add(-scriptNumber, () => this.#runner?.forget(script));
  }

  #pong(number: number): void {
    const { writer } = this.#channel;
    writer.begin(FRAME.pong, number);
    writer.double(this.#runner?.images ?? 0);
    writer.double(this.#runner?.imageBytes ?? 0);
    this.#channel.send();
  }
}

/** Runs until the platform goes away, then gives the exit code. Throws where the socket's path is not in the environment. */
export async function runExecutorProcess(): Promise<number> {
  const path = process.env[SOCKET_VARIABLE];
  if (path === undefined)
    throw new Error(
      `${SOCKET_VARIABLE} is not set: executor processes are started by PiCloud itself`,
    );
  // Nothing of the environment is the scripts' business, or this process's.
  for (const name of Object.keys(process.env)) delete process.env[name];
  await new ExecutorProcess().run(path);
  return 0;
}
