/** Counters of the data plane, in memory, as Prometheus text. */
import type { Outcome } from "../shared/outcome.ts";
import type { GateRefusal } from "./gate.ts";

/** Upper bounds of the duration buckets, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class DataPlaneMetrics {
  readonly #executions = new Map<Outcome, number>();
  readonly #refused = new Map<GateRefusal, number>();
  readonly #problems = new Map<string, number>();
  readonly #buckets = BUCKETS.map(() => 0);
  #files = 0;
  #durationSum = 0;
  #durationCount = 0;
  readonly #running: () => number;

  constructor(running: () => number) {
    this.#running = running;
  }

  execution(outcome: Outcome, durationMs: number): void {
    add(this.#executions, outcome);
    const seconds = durationMs / 1000;
    this.#durationSum += seconds;
    this.#durationCount++;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  /** A file that was served without running the script. */
  file(): void {
    this.#files++;
  }

  refused(by: GateRefusal): void {
    add(this.#refused, by);
  }

  /** An answer that the platform gave in place of a script. */
  problem(code: string): void {
    add(this.#problems, code);
  }

  /** Prometheus text exposition format 0.0.4, with a newline at the end. */
  render(): string {
    const lines = [
      ...family(
        "picloud_executions_total",
        "counter",
        "Executions by outcome.",
        labelled("outcome", this.#executions),
      ),
      ...family(
        "picloud_gate_refused_total",
        "counter",
        "Requests refused because a bound was reached.",
        labelled("bound", this.#refused),
      ),
      ...family(
        "picloud_problems_total",
        "counter",
        "Answers of the platform in place of a script.",
        labelled("code", this.#problems),
      ),
      ...family(
        "picloud_static_files_total",
        "counter",
        "Files served without running the script.",
        [["", this.#files]],
      ),
      ...family("picloud_executions_running", "gauge", "Executions running now.", [
        ["", this.#running()],
      ]),
      ...family(
        "picloud_execution_seconds",
        "histogram",
        "Duration of executions, with their waitUntil work.",
        this.#histogram(),
      ),
    ];
    return `${lines.join("\n")}\n`;
  }

  #histogram(): [suffix: string, value: number][] {
    let cumulative = 0;
    const rows: [string, number][] = BUCKETS.map((bound, index) => {
      cumulative += this.#buckets[index] ?? 0;
      return [`_bucket{le="${bound}"}`, cumulative];
    });
    rows.push(
      ['_bucket{le="+Inf"}', this.#durationCount],
      ["_sum", this.#durationSum],
      ["_count", this.#durationCount],
    );
    return rows;
  }
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const labelled = (label: string, counts: Map<string, number>): [string, number][] =>
  [...counts].map(([value, count]) => [`{${label}="${value}"}`, count]);

function family(
  name: string,
  type: string,
  help: string,
  rows: [suffix: string, value: number][],
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...rows.map(([suffix, value]) => `${name}${suffix} ${value}`),
  ];
}
