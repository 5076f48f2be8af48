/** In place of the bundler and the sandbox, which have tests of their own: quick, and told what to answer. */
import type { ScriptBuilder } from "../../../src/shared/builder.ts";
import type { EvaluationResult, ExecutableScript } from "../../../src/shared/execution.ts";

/** Transpiles the entry alone. `@@` is the syntax error whose place it tells; `npm:pkg@1` has a newer version each time. */
export function standInBuilder(): ScriptBuilder {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  let published = 0;
  return {
    build: async ({ files, entry, lock: earlier }) => {
      const source = files[entry] ?? "";
      const line = source.split("\n").findIndex((text) => text.includes("@@"));
      if (line >= 0)
        return { ok: false, file: entry, line: line + 1, column: 1, message: "Unexpected @@" };
      try {
        const code = transpiler.transformSync(source);
        const built = { ok: true, code, sourceMap: null, files: { ...files } } as const;
        if (!source.includes("npm:pkg@1")) return { ...built, packages: {} };
        const version = earlier?.specifiers["npm:pkg@1"] ?? `1.0.${++published}`;
        const lock = { specifiers: { "npm:pkg@1": version }, integrity: {} };
        return { ...built, packages: { "npm:pkg": version }, lock };
      } catch (error) {
        return { ok: false, file: entry, line: 1, column: 1, message: String(error) };
      }
    },
  };
}

export interface StandInExecutor {
  evaluate(script: ExecutableScript): Promise<EvaluationResult>;
  /** The last script that was evaluated. */
  last: ExecutableScript | undefined;
  /** What the next evaluations answer; by default that all went well. */
  answer: (script: ExecutableScript) => EvaluationResult;
}

export const EVALUATED: EvaluationResult = {
  ok: true,
  startupMs: 1,
  imageBytes: 1,
  crons: [],
  listensToQueue: false,
};

export function standInExecutor(): StandInExecutor {
  const executor: StandInExecutor = {
    last: undefined,
    answer: () => EVALUATED,
    evaluate: async (script) => {
      executor.last = script;
      return executor.answer(script);
    },
  };
  return executor;
}
