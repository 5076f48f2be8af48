/** From reports to figures. */
import type { Report, Runtime } from "./runtimes.ts";
import type { TestFile } from "./test-files.ts";

export interface FileResult {
  area: string;
  /** Path and variant. */
  name: string;
  reports: Partial<Record<Runtime, Report>>;
}

export const nameOf = (test: TestFile): string => `${test.path}${test.variant}`;

/** Subtests by name; a second one of a name gets a number. */
function subtestsOf(report: Report | undefined): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const line of report?.lines ?? []) {
    if (line.kind !== "subtest") continue;
    let name = line.name;
    for (let again = 2; found.has(name); again += 1) name = `${line.name} (${again})`;
    found.set(name, line.status === 0 ? null : line.message || `status ${line.status}`);
  }
  return found;
}

/** Why a file did not run to its end, or null. */
export function trouble(report: Report | undefined): string | null {
  if (report === undefined) return null;
  if (report.crash !== null) return `crashed: ${report.crash}`;
  if (report.lines.some(({ kind }) => kind === "timeout")) return "timed out";
  const end = report.lines.find((line) => line.kind === "end");
  return end !== undefined && end.status !== 0 ? `harness: ${end.message}` : null;
}

export interface AreaFigures {
  area: string;
  files: number;
  subtests: number;
  passed: Partial<Record<Runtime, number>>;
  troubled: Partial<Record<Runtime, number>>;
}

export function figuresOf(
  area: string,
  results: FileResult[],
  runtimes: readonly Runtime[],
): AreaFigures {
  const figures: AreaFigures = {
    area,
    files: results.length,
    subtests: 0,
    passed: {},
    troubled: {},
  };
  for (const { reports } of results) {
    const names = new Set<string>();
    for (const runtime of runtimes) {
      const subtests = subtestsOf(reports[runtime]);
      for (const name of subtests.keys()) names.add(name);
      const passed = [...subtests.values()].filter((message) => message === null).length;
      figures.passed[runtime] = (figures.passed[runtime] ?? 0) + passed;
      if (trouble(reports[runtime]) !== null)
        figures.troubled[runtime] = (figures.troubled[runtime] ?? 0) + 1;
    }
    figures.subtests += names.size;
  }
  return figures;
}

export function sum(area: string, parts: AreaFigures[], runtimes: readonly Runtime[]): AreaFigures {
  const total: AreaFigures = { area, files: 0, subtests: 0, passed: {}, troubled: {} };
  for (const part of parts) {
    total.files += part.files;
    total.subtests += part.subtests;
    for (const runtime of runtimes) {
      total.passed[runtime] = (total.passed[runtime] ?? 0) + (part.passed[runtime] ?? 0);
      total.troubled[runtime] = (total.troubled[runtime] ?? 0) + (part.troubled[runtime] ?? 0);
    }
  }
  return total;
}

/** What `reference` passes and PiCloud does not: names and messages. */
export function behind(
  { reports }: FileResult,
  reference: Runtime,
): [name: string, message: string][] {
  const ours = subtestsOf(reports.picloud);
  const why = trouble(reports.picloud) ?? "no result";
  return [...subtestsOf(reports[reference])].flatMap(([name, failure]): [string, string][] => {
    if (failure !== null) return [];
    const message = ours.has(name) ? ours.get(name) : `not run; ${why}`;
    return typeof message === "string" ? [[name, message]] : [];
  });
}
