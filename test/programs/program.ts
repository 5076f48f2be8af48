/** Builds a program with its packages, as a deploy does, and runs it in the real engine. */
import { afterAll, expect, test } from "bun:test";
import { type Builder, createBuilder } from "../../src/builder/create-builder.ts";
import type { BuildResult } from "../../src/shared/builder.ts";
import { runInGuest } from "../support/guest-lab.ts";
import { type PackageRegistry, startPackageRegistry } from "../support/package-registry.ts";

interface Tools {
  registry: PackageRegistry;
  builder: Builder;
}
let tools: Tools | undefined;

function open(): Tools {
  if (tools === undefined) {
    const registry = startPackageRegistry();
    tools = {
      registry,
      builder: createBuilder({ registry: { npm: registry.url, jsr: registry.url } }),
    };
  }
  return tools;
}

afterAll(async () => {
  tools?.builder.close();
  await tools?.registry.stop();
  tools = undefined;
});

export const buildProgram = (files: Record<string, string>, entry: string): Promise<BuildResult> =>
  open().builder.build({ files, entry });

/** What the program's default export resolves to, as JSON gives it. */
export async function runProgram(
  source: string,
  more: Record<string, string> = {},
): Promise<unknown> {
  const entry = "main.tsx";
  const files = { [entry]: source, ...more };
  const built = await buildProgram(files, entry);
  if (!built.ok) throw new Error(`${built.file}:${built.line}:${built.column} ${built.message}`);
  const { result, error, logs } = await runInGuest(built.code, {
    files,
    env: { GREETING: "hello" },
  });
  if (error !== null)
    throw new Error(
      `${error.name}: ${error.message}\n${error.stack ?? ""}\n${logs.map((line) => line.message).join("\n")}`,
    );
  return result;
}

export type Runner = typeof runProgram;
let runner: Runner = runProgram;

/** The programs that are declared from now on run in another way, such as on a whole platform. */
export function runBy(other: Runner): void {
  runner = other;
}

/** A program whose default export is a promise of what is expected. */
export function program(
  name: string,
  source: string,
  expected: unknown,
  more: Record<string, string> = {},
): void {
  const run = runner;
  test(name, async () => expect(await run(source, more)).toEqual(expected as never));
}
