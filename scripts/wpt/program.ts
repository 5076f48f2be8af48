/** Makes one program of a test file: what runs is the same text in every runtime. */
import { join } from "node:path";
import type { TestProgram } from "./harness.ts";
import type { TestFile } from "./test-files.ts";
import { isTemplate, substitute, type Origins } from "./template.ts";

/** What the tests' own server keeps elsewhere. */
const MOVED: Readonly<Record<string, string>> = {
  "resources/WebIDLParser.js": "resources/webidl2/lib/webidl2.js",
};

const BUDGET_MS = 10_000;
const LONG_BUDGET_MS = 40_000;

const SHARES_MEMORY = /\bshared\s*:\s*true/;

const WATCH = `
  setup({ explicit_timeout: true });
  add_result_callback(wptSubtest); add_completion_callback(wptEnd);`;

/** Stands for a worker where interfaces are checked; after the harness, which would wait for a parent. */
const AS_DEDICATED_WORKER = `
  if (typeof DedicatedWorkerGlobalScope === "undefined")
    Object.defineProperty(self, "DedicatedWorkerGlobalScope", { configurable: true, writable: true,
      value: class DedicatedWorkerGlobalScope { static [Symbol.hasInstance](value) { return value === self; } } });
  delete self.Window;`;

/** A strict file keeps its mode, and still sees what the scripts before it declared. */
const asStrict = (source: string): string => `eval(${JSON.stringify(source)});`;
const IS_STRICT = /^(?:\s|\/\/.*$|\/\*[\s\S]*?\*\/)*["']use strict["']/m;

export class ProgramMaker {
  readonly #checkout: string;
  readonly #origins: Origins;
  readonly #texts = new Map<string, Promise<string>>();

  constructor(checkout: string, origins: Origins) {
    this.#checkout = checkout;
    this.#origins = origins;
  }

  async make(test: TestFile): Promise<TestProgram> {
    const bare = test.scripts.some((script) => script.endsWith("idlharness.js"));
    const scripts = await Promise.all(test.scripts.map((script) => this.#read(script)));
    const source = isTemplate(test.path) ? substitute(test.source, this.#origins) : test.source;
    const head = IS_STRICT.exec(source)?.index === 0;
    const parts = [
      await this.#read("resources/testharness.js"),
      WATCH,
      `self.META_TITLE = ${JSON.stringify(test.title ?? test.path)};`,
      ...(bare ? [AS_DEDICATED_WORKER] : []),
      ...scripts,
      head ? asStrict(source) : source,
    ];
    return {
      source: parts.join("\n;\n"),
      url: `${this.#origins.main}/${test.path.replace(/\.any\.js$/, ".any.worker.html")}${test.variant}`,
      budgetMs: test.long ? LONG_BUDGET_MS : BUDGET_MS,
      bare,
      sharesMemory: test.area !== "wasm/jsapi" && parts.some((part) => SHARES_MEMORY.test(part)),
    };
  }

  #read(path: string): Promise<string> {
    const name = path.replace(/[?#].*/, "");
    let text = this.#texts.get(path);
    if (text === undefined) {
      text = Bun.file(join(this.#checkout, MOVED[name] ?? name)).text();
      if (isTemplate(path)) text = text.then((raw) => substitute(raw, this.#origins));
      this.#texts.set(path, text);
    }
    return text;
  }
}
