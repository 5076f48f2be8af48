import type { CaseTable } from "../outcomes.ts";
import { ending, thrown } from "./helpers.ts";

const CLASSES = [
  "ReadableStream",
  "ReadableStreamDefaultReader",
  "ReadableStreamBYOBReader",
  "ReadableStreamBYOBRequest",
  "ReadableByteStreamController",
  "ReadableStreamDefaultController",
  "WritableStream",
  "WritableStreamDefaultController",
  "WritableStreamDefaultWriter",
  "TransformStream",
  "TransformStreamDefaultController",
  "ByteLengthQueuingStrategy",
  "CountQueuingStrategy",
  "TextDecoderStream",
  "TextEncoderStream",
  "CompressionStream",
  "DecompressionStream",
];
type Class = { new (...args: unknown[]): object; prototype: object };
const classNamed = (name: string): Class => Reflect.get(globalThis, name) as Class;

function members(target: object): unknown[] {
  return Object.entries(Object.getOwnPropertyDescriptors(target))
    .filter(([key]) => key !== "prototype")
    .map(([key, d]) => [
      key,
      d.enumerable,
      d.configurable,
      typeof d.value,
      typeof d.get,
      typeof d.set,
      typeof d.value === "function" && key !== "constructor" ? d.value.length : null,
      d.get?.name ?? null,
    ])
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

/** What each member does on an object of another kind. */
async function foreign(name: string): Promise<[string, unknown][]> {
  const found: [string, unknown][] = [];
  for (const [key, d] of Object.entries(
    Object.getOwnPropertyDescriptors(classNamed(name).prototype),
  )) {
    if (key === "constructor") continue;
    const member: unknown = d.get ?? d.value;
    if (typeof member !== "function") continue;
    let result: unknown;
    const direct = thrown(() => {
      result = Reflect.apply(member, {}, [new Uint8Array(1)]);
    });
    found.push([key, result instanceof Promise ? await ending(result) : direct]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

export const shapeCases: CaseTable = Object.fromEntries(
  CLASSES.flatMap((name) => [
    [
      `${name}: name, length, tag`,
      () => [
        classNamed(name).name,
        classNamed(name).length,
        Object.prototype.toString.call(classNamed(name).prototype),
      ],
    ],
    [`${name}: members`, () => members(classNamed(name).prototype)],
    [
      `${name}: static members`,
      () =>
        members(classNamed(name)).filter(
          (each) => !["length", "name"].includes(String((each as unknown[])[0])),
        ),
    ],
    [`${name}: members on another object`, () => foreign(name)],
    [
      `${name}: called or constructed without arguments`,
      () => [
        thrown(() => (classNamed(name) as unknown as () => void)()),
        thrown(() => new (classNamed(name))()),
      ],
    ],
    [
      `${name}: can be extended`,
      () => {
        const Base = classNamed(name);
        return thrown(() => {
          class Mine extends Base {}
          return Mine;
        });
      },
    ],
  ]),
) as CaseTable;
