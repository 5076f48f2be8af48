/** Blob, File and FormData, and multipart bodies. */
import type { CaseTable } from "./outcomes.ts";

const threw = (run: () => unknown): unknown => {
  try {
    const value = run();
    return { gave: value === undefined ? "undefined" : value };
  } catch (error) {
    return (error as Error).name;
  }
};
const settled = async (run: () => unknown): Promise<unknown> => {
  try {
    return { gave: await run() };
  } catch (error) {
    return (error as Error).name;
  }
};
const crlf = (...lines: string[]): string => lines.join("\r\n");

const BLOBS: Readonly<Record<string, unknown[]>> = {
  nothing: [],
  "empty parts": [[]],
  strings: [["a", "é", "\ud800"]],
  "mixed parts": [
    [
      "a",
      Uint8Array.of(98, 99),
      new Blob(["d"]),
      Uint8Array.of(101).buffer,
      new DataView(Uint8Array.of(102, 103).buffer, 1),
    ],
  ],
  "values to strings": [[1, null, undefined, {}, true, [1, 2]]],
  "an array of an object with toString": [[{ toString: () => "custom" }]],
  "a set": [new Set(["a", "b"])],
  "a typed array as sequence": [Uint8Array.of(1, 23)],
  "a String object": [Object("ab")],
  string: ["abc"],
  null: [null],
  number: [1],
  object: [{}],
  "array-like": [{ length: 1, 0: "a" }],
  function: [() => {}],
  date: [new Date(0)],
  "native endings": [["a\r\nb\rc\nd\n\r"], { endings: "native" }],
  "transparent endings": [["a\r\nb"], { endings: "transparent" }],
  "bad endings": [["a"], { endings: "x" }],
  "options null": [["a"], null],
  "options number": [["a"], 1],
  "options string": [["a"], "x"],
  "options function": [["a"], () => {}],
  "type upper case": [["a"], { type: "TEXT/Plain" }],
  "type not ASCII": [["a"], { type: "té" }],
  "type with control": [["a"], { type: "a\tb" }],
  "type null": [["a"], { type: null }],
  "type of spaces": [["a"], { type: " a b " }],
};

const SLICES: readonly unknown[][] = [
  [],
  [1],
  [-2],
  [1, 3],
  [3, 1],
  [-3, -1],
  [0, 100],
  [100],
  [NaN],
  [1.6, 3.5],
  ["1", "3"],
  [undefined, 2],
  [null, 2],
  [2 ** 40],
  [-(2 ** 40), 2],
  [0, 2, "T/X"],
  [0, 2, "é"],
  [0, 2, null],
];

const FILES: Readonly<Record<string, unknown[]>> = {
  plain: [["a"], "n.txt"],
  typed: [["a"], "n", { type: "A/B", lastModified: 5 }],
  "name to string": [[], null],
  "lone surrogate": [[], "a\ud800"],
  "slash stays": [[], "a/b"],
  "no name": [[]],
  nothing: [],
  "string bits": ["x", "n"],
  "modified fraction": [[], "n", { lastModified: 3.9 }],
  "modified negative": [[], "n", { lastModified: -3 }],
  "modified NaN": [[], "n", { lastModified: NaN }],
  "modified text": [[], "n", { lastModified: "12" }],
  "modified date": [[], "n", { lastModified: new Date(7) }],
  "options null": [[], "n", null],
};

const FORM = "multipart/form-data; boundary=b";
const MULTIPART: Readonly<Record<string, [string, string]>> = {
  "one field": [
    FORM,
    crlf("--b", 'Content-Disposition: form-data; name="a"', "", "v", "--b--", ""),
  ],
  "no line end after the last": [
    FORM,
    crlf("--b", 'Content-Disposition: form-data; name="a"', "", "v", "--b--"),
  ],
  "two fields": [
    FORM,
    crlf(
      "--b",
      'Content-Disposition: form-data; name="a"',
      "",
      "1",
      "--b",
      'Content-Disposition: form-data; name="a"',
      "",
      "2",
      "--b--",
      "",
    ),
  ],
  "a file": [
    FORM,
    crlf(
      "--b",
      'Content-Disposition: form-data; name="f"; filename="x.bin"',
      "Content-Type: Application/X; Charset=UTF-8",
      "",
      "data",
      "--b--",
      "",
    ),
  ],
  "an empty file": [
    FORM,
    crlf(
      "--b",
      'Content-Disposition: form-data; name="f"; filename=""',
      "Content-Type: application/octet-stream",
      "",
      "",
      "--b--",
      "",
    ),
  ],
  "line breaks in a value": [
    FORM,
    crlf("--b", 'Content-Disposition: form-data; name="a"', "", "x", "y", "", "z", "--b--", ""),
  ],
  "header names in any case": [
    FORM,
    crlf("--b", 'content-DISPOSITION: form-data; name="a"', "", "v", "--b--", ""),
  ],
  "a quoted boundary": [
    'multipart/form-data; boundary="b c"',
    crlf("--b c", 'Content-Disposition: form-data; name="a"', "", "v", "--b c--", ""),
  ],
  "UTF-8 names": [
    FORM,
    crlf(
      "--b",
      'Content-Disposition: form-data; name="é"; filename="ü.txt"',
      "Content-Type: text/plain",
      "",
      "ß",
      "--b--",
      "",
    ),
  ],
  "nothing at all": [FORM, ""],
  "no end": [FORM, crlf("--b", 'Content-Disposition: form-data; name="a"', "", "v")],
  "another boundary": [
    FORM,
    crlf("--c", 'Content-Disposition: form-data; name="a"', "", "v", "--c--", ""),
  ],
  "no boundary parameter": [
    "multipart/form-data",
    crlf("--b", 'Content-Disposition: form-data; name="a"', "", "v", "--b--", ""),
  ],
  "the boundary inside a value": [
    FORM,
    crlf("--b", 'Content-Disposition: form-data; name="a"', "", "x --b y", "--b--", ""),
  ],
  urlencoded: ["application/x-www-form-urlencoded", "a=1&b=%C3%A9+x&a=2&=&c"],
  "urlencoded with parameters": ["application/x-www-form-urlencoded;charset=utf-8", "a=%ff&%zz=1"],
  text: ["text/plain", "a=1"],
};

async function entriesOf(form: FormData): Promise<unknown> {
  const entries: unknown[] = [];
  for (const [name, value] of form as unknown as Iterable<[string, string | File]>) {
    entries.push([
      name,
      typeof value === "string"
        ? value
        : [value instanceof File, value.name, value.type, await value.text()],
    ]);
  }
  return entries;
}

function filled(): FormData {
  const form = new FormData();
  form.append("a", "1");
  form.append("b", "2");
  form.append("a", "3");
  form.append("f", new Blob(["x"], { type: "t/x" }));
  form.append("g", new File(["y"], "y.txt"), "renamed.txt");
  return form;
}

async function serialized(form: FormData): Promise<string> {
  const response = new Response(form);
  const boundary = (response.headers.get("content-type") as string).split("boundary=")[1] as string;
  return (await response.text()).replaceAll(boundary, "BOUNDARY").trimEnd();
}

export const cases: CaseTable = {
  ...Object.fromEntries(
    Object.entries(BLOBS).map(([name, args]) => [
      `new Blob: ${name}`,
      () =>
        settled(async () => {
          const blob = new Blob(...(args as [BlobPart[]]));
          return [blob.size, blob.type, await blob.text()];
        }),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(FILES).map(([name, args]) => [
      `new File: ${name}`,
      () =>
        settled(async () => {
          const file = new File(...(args as [BlobPart[], string]));
          return [
            file.name,
            file.type,
            args.length > 2 && args[2] ? file.lastModified : "now",
            await file.text(),
          ];
        }),
    ]),
  ),
  ...Object.fromEntries(
    SLICES.map((args) => [
      `slice ${args.map(String).join(", ")}`,
      async () => {
        const slice = new Blob(["abcdef"], { type: "a/b" }).slice(...(args as [number]));
        return [slice.size, slice.type, await slice.text()];
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(MULTIPART).map(([name, [type, body]]) => [
      `formData: ${name}`,
      () =>
        settled(async () =>
          entriesOf(await new Response(body, { headers: { "content-type": type } }).formData()),
        ),
    ]),
  ),
  "File is a Blob": () => [
    new File([], "x") instanceof Blob,
    Object.prototype.toString.call(new File([], "x")),
    new File([], "x").slice() instanceof File,
  ],
  "lastModified is now": () => Math.abs(new File([], "x").lastModified - Date.now()) < 5000,
  "the order in which Blob options are read": () => {
    const seen: string[] = [];
    new Blob([{ toString: () => (seen.push("part"), "x") } as never], {
      get type() {
        return (seen.push("type"), "");
      },
      get endings() {
        return (seen.push("endings"), "native" as const);
      },
    });
    return seen;
  },
  "blob readers": async () => {
    const blob = new Blob(["é"]);
    const buffer = await blob.arrayBuffer();
    const parts: number[] = [];
    for await (const chunk of blob.stream() as unknown as AsyncIterable<Uint8Array>)
      parts.push(...chunk);
    return [
      [...new Uint8Array(buffer)],
      parts,
      (await blob.arrayBuffer()) === buffer,
      await new Blob([Uint8Array.of(0xef, 0xbb, 0xbf, 65, 0xff)]).text(),
    ];
  },
  "a blob stream is a byte stream": async () => {
    const reader = new Blob(["abcdef"]).stream().getReader({ mode: "byob" });
    const first = await reader.read(new Uint8Array(4));
    return [[...(first.value as Uint8Array)], first.done];
  },
  "form: entries": () => entriesOf(filled()),
  "form: get, getAll, has, delete": async () => {
    const form = filled();
    const before = [
      form.get("a"),
      form.getAll("a"),
      form.get("none"),
      form.getAll("none"),
      form.has("b"),
      form.has("none"),
    ];
    form.delete("a");
    return [before, await entriesOf(form)];
  },
  "url: a request keeps the blob of its URL": async () => {
    const url = URL.createObjectURL(new Blob(["kept"]));
    const request = new Request(url);
    URL.revokeObjectURL(url);
    const copy = request.clone();
    return [await (await fetch(request)).text(), await (await fetch(copy)).text()];
  },
  "url: only the URL itself is revoked": async () => {
    const url = URL.createObjectURL(new Blob(["there"]));
    URL.revokeObjectURL(`${url}#fragment`);
    const answer = await (await fetch(`${url}#fragment`)).text();
    URL.revokeObjectURL(url);
    return [answer, await fetch(url).catch((error: Error) => error.name)];
  },
  "form: set keeps the first place": () => {
    const form = filled();
    form.set("a", "new");
    form.set("z", "last");
    return entriesOf(form);
  },
  "form: values become strings": () => {
    const form = new FormData();
    for (const value of [1, null, undefined, {}, [1, 2], "\ud800"])
      form.append("k", value as never);
    return entriesOf(form);
  },
  "form: refuses": () => [
    threw(() => new FormData({} as never)),
    threw(() => new FormData(null as never)),
    threw(() => (new FormData().append as () => void)()),
    threw(() => (new FormData().append as (name: string) => void)("a")),
    threw(() => new FormData().append("a", "b" as never, "c")),
    threw(() => (new FormData().get as unknown as () => void)()),
    threw(() => (new FormData().set as (name: string) => void)("a")),
  ],
  "form: a file keeps its identity": () => {
    const form = new FormData();
    const file = new File(["x"], "n");
    form.append("f", file);
    return [form.get("f") === file, (form.get("f") as File).name];
  },
  "form: serialization": async () => {
    const form = new FormData();
    form.append('na"me\r\nx\ny\r', 'va"l\r\nue\nz\r');
    form.append("file", new File(["c\nd"], 'f"i\nle.txt', { type: "text/plain" }));
    return serialized(form);
  },
  "form: empty serialization": () => serialized(new FormData()),
  "form: round trip": async () => entriesOf(await new Response(filled()).formData()),
  "form: type of the body": () =>
    /^multipart\/form-data; ?boundary=[!-~]+$/.test(
      new Response(filled()).headers.get("content-type") as string,
    ),
};
