import { expect, test } from "bun:test";
import { compareArea, type Divergence } from "./compare.ts";

const SPECIFIED = "as the standard says";

const AREAS: Readonly<Record<string, { atLeast: number; known: Record<string, Divergence> }>> = {
  "web-shapes.cases.ts": {
    atLeast: 100,
    known: {
      "Response: static members": { effect: "Response.json.length is 1", reason: SPECIFIED },
      "function clearTimeout": { effect: "clearTimeout.length is 0", reason: SPECIFIED },
      "function clearInterval": { effect: "clearInterval.length is 0", reason: SPECIFIED },
    },
  },
  "headers.cases.ts": { atLeast: 45, known: {} },
  "fetch-objects.cases.ts": {
    atLeast: 195,
    known: {
      'new Response 8: null, {"status":101}': { effect: "a RangeError", reason: SPECIFIED },
      'new Response 9: "x", {"status":101}': { effect: "a RangeError", reason: SPECIFIED },
      "new Response 29: [1,2]": { effect: "the array is sent as the text 1,2", reason: SPECIFIED },
      "body lone surrogate: text": {
        effect: "lone surrogates are U+FFFD also when a body is read back",
        reason: SPECIFIED,
      },
      "body lone surrogate: of a request": {
        effect: "lone surrogates are U+FFFD also when a body is read back",
        reason: SPECIFIED,
      },
    },
  },
  "encoding.cases.ts": { atLeast: 60, known: {} },
  "files.cases.ts": {
    atLeast: 90,
    known: {
      "form: refuses": {
        effect: "append with one argument, or FormData with any, throws a TypeError",
        reason: SPECIFIED,
      },
    },
  },
  "globals.cases.ts": { atLeast: 17, known: {} },
  "inspect.cases.ts": { atLeast: 100, known: {} },
  "inspect-hidden.cases.ts": { atLeast: 25, known: {} },
  "url.cases.ts": {
    atLeast: 250,
    known: {
      'parse 66: "blob:ftp://x.com/y" on nothing': {
        effect: "the origin is null",
        reason: SPECIFIED,
      },
    },
  },
  "urlpattern.cases.ts": {
    atLeast: 145,
    known: {
      '120: [{"protocol":"foo","hostname":"EX%41"}]': {
        effect: "the host of a scheme that is not special is opaque",
        reason: SPECIFIED,
      },
    },
  },
};

for (const [file, { atLeast, known }] of Object.entries(AREAS)) {
  test(`${file} answers as Deno or Bun does, except where a divergence is named`, async () => {
    const { failures, stale, cases } = await compareArea(file, known);
    expect(failures).toEqual([]);
    expect(stale).toEqual([]);
    expect(cases).toBeGreaterThanOrEqual(atLeast);
  }, 60_000);
}
