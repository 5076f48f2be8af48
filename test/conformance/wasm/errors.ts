import type { CaseTable } from "../outcomes.ts";
import { bytesOf, exportsOf, moduleOf, nameOf } from "./load.ts";

const memory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1 });
const table = (): WebAssembly.Table => new WebAssembly.Table({ element: "anyfunc", initial: 1 });
const good = (): Record<string, unknown> => ({
  f: () => 1,
  memory: memory(),
  g: 1,
  table: table(),
});
const linking = (changes: Record<string, unknown>) =>
  nameOf(() => typeof exportsOf("imports", { m: { ...good(), ...changes } as never }));

export const errorCases: CaseTable = {
  validation: () => [
    WebAssembly.validate(bytesOf("state")),
    WebAssembly.validate(new Uint8Array()),
    WebAssembly.validate(bytesOf("state").slice(0, 40)),
    nameOf(() => WebAssembly.validate("x" as never)),
  ],
  "compiling what is not wasm": async () => [
    nameOf(() => new WebAssembly.Module(new Uint8Array(4))),
    nameOf(() => new WebAssembly.Module(5 as never)),
    nameOf(() => new WebAssembly.Module(undefined as never)),
    await WebAssembly.compile(new Uint8Array(10)).then(
      () => "compiled",
      (error: Error) => [
        error.name,
        error instanceof WebAssembly.CompileError,
        error instanceof Error,
      ],
    ),
    await WebAssembly.compile(null as never).then(
      () => "compiled",
      (error: Error) => error.name,
    ),
  ],
  traps: () => {
    const { divide } = exportsOf("arithmetic");
    const { load } = exportsOf("state");
    return [
      nameOf(() => divide?.(1, 0)),
      nameOf(() => divide?.(-(2 ** 31), -1)),
      nameOf(() => load?.(65_536)),
      nameOf(() => load?.(65_535)),
    ];
  },
  "imports that are missing": () => [
    nameOf(() => exportsOf("imports")),
    nameOf(() => exportsOf("imports", {})),
    nameOf(() => exportsOf("imports", 5 as never)),
    nameOf(() => exportsOf("imports", { m: 5 as never })),
  ],
  "imports of the wrong kind": () => [
    linking({}),
    linking({ f: undefined }),
    linking({ f: {} }),
    linking({ memory: {} }),
    linking({ g: "1" }),
    linking({ g: 1n }),
    linking({ table: memory() }),
  ],
  "imports that do not fit": () => [
    linking({ memory: new WebAssembly.Memory({ initial: 0 }) }),
    linking({ table: new WebAssembly.Table({ element: "anyfunc", initial: 0 }) }),
    linking({ g: new WebAssembly.Global({ value: "i64" }, 1n) }),
    linking({ g: new WebAssembly.Global({ value: "i32", mutable: true }, 1) }),
    linking({ g: new WebAssembly.Global({ value: "i32" }, 1) }),
  ],
  "instantiate rejects": async () =>
    WebAssembly.instantiate(moduleOf("imports"), {}).then(
      () => "made",
      (error: Error) => error.name,
    ),
  "what an import throws comes out unchanged": () => {
    const thrown = { any: "thing" };
    try {
      exportsOf("start", {
        m: {
          f() {
            throw thrown;
          },
        },
      });
      return "nothing thrown";
    } catch (error) {
      return error === thrown;
    }
  },
  "error classes": () =>
    [WebAssembly.CompileError, WebAssembly.LinkError, WebAssembly.RuntimeError].map((Class) => {
      const error = new Class("text");
      return [
        error.name,
        error.message,
        String(error),
        error instanceof Error,
        Class.length,
        Object.getPrototypeOf(Class) === Error,
      ];
    }),
  "exceptions across the border": () => {
    const tag = new WebAssembly.Tag({ parameters: ["i32"] });
    const exports = exportsOf("exceptions", {
      m: {
        tag: tag as never,
        f: () => {
          throw new WebAssembly.Exception(tag, [34]);
        },
      },
    });
    try {
      exports["throw"]?.(12);
      return "nothing thrown";
    } catch (error) {
      const exception = error as WebAssembly.Exception;
      return [
        exception instanceof WebAssembly.Exception,
        exception.is(tag),
        exception.getArg(tag, 0),
        exports["handle"]?.(),
        (exports["tag"] as unknown) === tag,
      ];
    }
  },
  "another error than the tag's": () => {
    const tag = new WebAssembly.Tag({ parameters: ["i32"] });
    const exports = exportsOf("exceptions", {
      m: {
        tag: tag as never,
        f: () => {
          throw new RangeError("mine");
        },
      },
    });
    return [nameOf(() => exports["handle"]?.()), exports["catchAll"]?.()];
  },
  "exceptions by hand": () => {
    const tag = new WebAssembly.Tag({ parameters: ["i32", "f64"] });
    const exception = new WebAssembly.Exception(tag, [2 ** 32 + 1, 1.5]);
    const other = new WebAssembly.Tag({ parameters: [] });
    return [
      exception.getArg(tag, 0),
      exception.getArg(tag, 1),
      nameOf(() => exception.getArg(tag, 2)),
      exception.is(other),
      nameOf(() => exception.getArg(other, 0)),
      nameOf(() => new WebAssembly.Exception(tag, [1])),
      nameOf(() => new WebAssembly.Tag({} as never)),
      nameOf(() => new WebAssembly.Tag({ parameters: ["x" as never] })),
    ];
  },
};
