/** Runs one program in PiCloud's executor, in Deno and in Bun. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExecutorHarness, makeRequest, makeScript } from "../../test/support/executor-harness.ts";
import { LOOPBACK } from "../../test/support/egress-lab.ts";
import type { ExecResponse } from "../../src/shared/execution.ts";
import type { ReportLine, TestProgram } from "./harness.ts";

export const RUNTIMES = ["picloud", "deno", "bun"] as const;
export type Runtime = (typeof RUNTIMES)[number];

export interface Report {
  lines: ReportLine[];
  /** What ended the run before the harness did. */
  crash: string | null;
}

export interface Runner {
  run(runtime: Runtime, program: TestProgram): Promise<Report>;
  close(): Promise<void>;
}

/** Beyond the test's own budget: starting, and the last words. */
const GRACE_MS = 10_000;
const WALL_GRACE_MS = 5_000;
const LIMITS = {
  startup_ms: 10_000,
  memory_mb: 512,
  stack_kb: 1_024,
  subrequests: 100_000,
  response_mb: 1_024,
  log_lines: 10,
};

function parseLines(text: string): ReportLine[] {
  return text.split("\n").flatMap((line) => {
    // A test may print, and the last line may be cut.
    if (!line.startsWith('{"kind":')) return [];
    try {
      return [JSON.parse(line) as ReportLine];
    } catch {
      return [];
    }
  });
}

const isOver = (lines: ReportLine[]): boolean =>
  lines.some(({ kind }) => kind === "end" || kind === "timeout");

async function bundleHarness(): Promise<string> {
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "harness.ts")],
    target: "browser",
    format: "esm",
  });
  const [output] = built.outputs;
  if (!built.success || output === undefined)
    throw new Error(`The harness does not bundle: ${built.logs.map(String).join("; ")}`);
  return output.text();
}

/** What came of a body that may break off. */
async function readAvailable(body: ExecResponse["body"]): Promise<string> {
  if (!(body instanceof ReadableStream)) return new Response(body as BodyInit | null).text();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  } catch {
    // The end of the execution says why.
  }
  return text;
}

class Runners implements Runner {
  readonly #harness: Promise<string> = bundleHarness();
  readonly #executor: ExecutorHarness;

  constructor(processes: number) {
    const route = { kind: "external", app: LOOPBACK, instance: LOOPBACK };
    this.#executor = new ExecutorHarness({
      processesMax: processes,
      services: {
        call: (_context, operation) =>
          operation === "fetch.route"
            ? Promise.resolve(route)
            : Promise.reject(new Error(`No service ${operation}`)),
      },
    });
  }

  async run(runtime: Runtime, program: TestProgram): Promise<Report> {
    if (runtime === "picloud") return this.#bounded(program);
    const command =
      runtime === "bun"
        ? [process.execPath]
        : [join(import.meta.dir, "../../node_modules/.bin/deno"), "run", "--quiet", "-A"];
    return this.#inProcess(command, program);
  }

  close(): Promise<void> {
    return this.#executor.close();
  }

  /** An executor that never answers must not hold the whole run. */
  #bounded(program: TestProgram): Promise<Report> {
    const silent = Bun.sleep(program.budgetMs + GRACE_MS).then((): Report => ({
      lines: [],
      crash: "the executor did not answer",
    }));
    return Promise.race([this.#inSandbox(program), silent]);
  }

  async #inSandbox(program: TestProgram): Promise<Report> {
    const code = `${await this.#harness}\nDeno.serve(() => respond(${JSON.stringify(program)}));`;
    const limits = {
      ...LIMITS,
      cpu_ms: program.budgetMs,
      wall_ms: program.budgetMs + WALL_GRACE_MS,
    };
    const script = makeScript(code, { limits });
    const { response, end } = await this.#executor.client.execute(
      script,
      makeRequest({ url: program.url }),
    );
    const text = await readAvailable(response?.body ?? null);
    const lines = parseLines(text);
    if (isOver(lines)) {
      this.#executor.client.forget(script.scriptId);
      return { lines, crash: null };
    }
    const { outcome, error } = await end;
    this.#executor.client.forget(script.scriptId);
    return { lines, crash: `${outcome}: ${error?.name ?? ""} ${error?.message ?? ""}` };
  }

  async #inProcess(command: string[], program: TestProgram): Promise<Report> {
    const folder = await mkdtemp(join(tmpdir(), "picloud-wpt-"));
    try {
      const file = join(folder, "main.mjs");
      const call = `const print = console.log; const leave = globalThis.Deno ? Deno.exit : process.exit;
        await runTests(${JSON.stringify(program)}, print); leave(0);`;
      await Bun.write(file, `${await this.#harness}\n${call}`);
      const child = Bun.spawn([...command, file], {
        stdout: "pipe",
        stderr: "pipe",
        cwd: folder,
        env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
        timeout: program.budgetMs + GRACE_MS,
        killSignal: "SIGKILL",
      });
      const [text, errors] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      const lines = parseLines(text);
      if (isOver(lines)) return { lines, crash: null };
      return { lines, crash: `exit ${await child.exited}: ${errors.trim().slice(0, 300)}` };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

export const createRunner = (processes: number): Runner => new Runners(processes);
