/**
 * Runs requests of short, synchronous scripts in the platform's own process, which saves the way to an
 * executor process and back. A run has no effect but its answer, so one that turns out to be something else
 * is dropped, and the request starts anew in an executor process. README.md has the reasons and the figures.
 */
import type { ExecRequest, ExecResult, ExecutableScript } from "../../shared/execution.ts";
import { STACK_HIGH } from "../engine/abi.ts";
import type { ScriptImage } from "../engine/builder.ts";
import { imageBytes } from "../engine/image.ts";
import { Runner } from "../engine/runner.ts";
import { RequestInput } from "../client/execution-input.ts";
import { expandHeaders } from "../wire/messages.ts";
import { engineModule } from "../wasm/module.ts";
import { ScriptHistory, type Run } from "./history.ts";
import { InlinePort } from "./inline-port.ts";
import { beginRun, inlineOperations, InlineEscape } from "./operations.ts";

/** CPU time of a run: nobody else is served meanwhile. */
const RUN_MS_MAX = 4;
/** Memory that a run may take beyond its image. */
const GROWTH_BYTES_MAX = 8 * 1024 * 1024;
/** Of a machine, beside the image: what a run touches. */
const MACHINE_BYTES = 1024 * 1024;
/** Scripts that take turns here keep a machine each. */
const MACHINES = { idleKept: 16, idleMax: 16, imagesAtHand: 8 };

interface Script {
  /** As it is run here, with limits of this place. */
  script: ExecutableScript;
  history: ScriptHistory;
  /** Its image is on its way. */
  awaited: boolean;
  ready: boolean;
}

export class InlineExecutor {
  readonly #imageBytesMax: number;
  readonly #scripts = new Map<number, Script>();
  /** Executions answered here, and those that had to start anew elsewhere. */
  runs = 0;
  escapes = 0;
  #runner: Runner | undefined;
  #starting: Promise<void> | undefined;

  constructor(imageBytesMax: number) {
    this.#imageBytesMax = imageBytesMax;
  }

  get images(): number {
    return this.#runner?.images ?? 0;
  }

  get imageBytes(): number {
    return this.#runner?.imageBytes ?? 0;
  }

  /** The answer, or undefined where the request is one for an executor process. */
  run(number: number, script: ExecutableScript, request: ExecRequest): ExecResult | undefined {
    const known = this.#scripts.get(number);
    if (known?.ready !== true || this.#runner === undefined) return undefined;
    if (request.body instanceof ReadableStream) return undefined;
    if (!this.#runner.has(known.script)) {
      // Others pushed its image out: it must earn its place again.
      known.ready = false;
      known.history.failed();
      return undefined;
    }
    beginRun();
    const port = new InlinePort();
    const execution = this.#runner.execute(known.script, new RequestInput(script, request), port);
    const { answer } = port;
    if (answer === null || answer.end.outcome !== "completed") {
      execution?.abandon();
      this.escapes += 1;
      this.#giveUp(known);
      return undefined;
    }
    const { end, isShort } = answer;
    if (!known.history.ran({ cpuMs: end.cpuMs, isShort })) this.#giveUp(known);
    this.runs += 1;
    const { status, headersFlat, body } = answer.head;
    return {
      response: {
        status,
        headers: expandHeaders(headersFlat),
        body: typeof body === "symbol" ? null : body,
      },
      end,
    };
  }

  /** True when the script's image is wanted now: `adopt` is to follow. */
  observe(number: number, script: ExecutableScript, run: Run): boolean {
    const known = this.#scripts.get(number) ?? this.#get(number, script);
    if (!known.history.add(run, performance.now()) || known.awaited || known.ready) return false;
    this.#starting ??= this.#start();
    return (known.awaited = true);
  }

  /** Takes the image of a script, as an executor process made it; null where it has none any more. */
  async adopt(number: number, built: ScriptImage | null): Promise<void> {
    await this.#starting;
    const known = this.#scripts.get(number);
    if (known === undefined || this.#runner === undefined) return;
    known.awaited = false;
    // What the clock wakes is no short synchronous script.
    if (built === null || built.image.timerDelayMs >= 0) return known.history.failed();
    const { image } = built;
    const bytesMax = Math.min(image.bytesMax, STACK_HIGH + image.heap.length + GROWTH_BYTES_MAX);
    if (imageBytes(image) + MACHINE_BYTES > this.#imageBytesMax) return known.history.failed();
    this.#runner.adopt(known.script, { ...built, image: { ...image, bytesMax } });
    known.ready = true;
  }

  forget(number: number): void {
    const known = this.#scripts.get(number);
    if (known === undefined) return;
    this.#scripts.delete(number);
    this.#runner?.forget(known.script);
  }

  #get(number: number, script: ExecutableScript): Script {
    const limits = { ...script.limits, cpu_ms: Math.min(script.limits.cpu_ms, RUN_MS_MAX) };
    const known: Script = {
      script: { ...script, limits },
      history: new ScriptHistory(script),
      awaited: false,
      ready: false,
    };
    this.#scripts.set(number, known);
    return known;
  }

  #giveUp(known: Script): void {
    known.ready = false;
    known.history.failed();
    this.#runner?.forget(known.script);
  }

  async #start(): Promise<void> {
    this.#runner = new Runner({
      module: await engineModule(),
      // Nothing is compiled here: what an image lacks is loaded in an executor process.
      sources: new Proxy({}, { get: (_sources, part) => escape(`part ${String(part)}`) }),
      imageCacheBytes: this.#imageBytesMax,
      machines: MACHINES,
      operations: inlineOperations,
      onMemoryFull: () => escape("more memory"),
    });
  }
}

function escape(what: string): never {
  throw new InlineEscape(what);
}
