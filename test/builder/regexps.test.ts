import { describe, expect, test } from "bun:test";
import { lowerRegExps } from "../../src/builder/regexp/lower-regexps.ts";
import { runInGuest } from "../support/guest-lab.ts";

/** A literal and what it is tried on; this host's own engine is the reference. */
const LITERALS: readonly (readonly [literal: string, ...texts: string[]])[] = [
  // Sets.
  ["/[\\p{L}--[a-z]]/gv", "aBcÉ", "abc"],
  ["/^[\\w&&\\d]+$/v", "12", "a1"],
  ["/[[a-z]--[aeiou]]+/gv", "hello world"],
  ["/[[a-z]&&[^aeiou]&&[a-m]]/gv", "hello world"],
  ["/[^[a-z][0-9]]/gv", "a1-É"],
  ["/[^[a-z]--[x]]/gv", "axé"],
  ["/^[\\q{abc|ab|d|}x-z]$/v", "abc", "ab", "d", "y", "", "a"],
  ["/[\\q{abc|d}--\\q{abc}]/gv", "abcd"],
  ["/[\\q{abc|d|e}&&[\\q{abc}e]]/gv", "abcde"],
  ["/[\\p{ASCII}&&\\p{Letter}]/giv", "Az1é"],
  ["/[\\(\\)\\[\\]\\{\\}\\/\\-\\\\\\|\\&\\!]/gv", "()[]{}/-\\|&!a"],
  ["/[\\u{1F600}-\\u{1F602}\\x41\\cJ\\n\\b]/gv", "😀😃A\n\b"],
  ["/(?<=[[a-c]--b])x/gv", "ax bx cx"],
  ["/^\\p{RGI_Emoji}$/v", "👨‍👩‍👧", "👍🏽", "😀", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a", "❤️"],
  ["/^\\p{Emoji_Keycap_Sequence}$/v", "1️⃣", "1"],
  ["/[\\p{RGI_Emoji_Flag_Sequence}a]/gv", "🇩🇪a b"],
  ["/./v", "😀"],
  ["/\\p{Lu}/iu", "a", "1"],
  ["/x\\P{Lu}/iv", "xa", "x1"],
  // Modifiers.
  ["/a(?i:b)c/", "aBc", "abc", "ABc", "abC"],
  ["/a(?-i:b)c/i", "AbC", "aBc"],
  ["/(?i:[a-f\\d]+)g/", "AbC9g", "AbC9G", "xg"],
  ["/(?i:straße|É)/", "STRAßE", "é", "É"],
  ["/(?i:(?-i:a)b)c/", "aBc", "ABc"],
  ["/(?s:a.)./s", "a\nb"],
  ["/(?s:.)x./", "\nxa", "\nx\n"],
  ["/(?-s:.)x./s", "axb\n", "\nxa"],
  ["/(?m:^b$)/", "a\nb\nc", "ab"],
  ["/(?m:^)b$/", "a\nb", "a\nb\n"],
  ["/(?-m:^)b$/m", "a\nb\nc", "b\nc"],
  ["/(?im-s:^B.)/s", "a\nbc", "a\nb\n"],
  // Groups of one name.
  ["/(?<y>\\d{4})-(?<m>\\d\\d)|(?<m>\\d\\d)-(?<y>\\d{4})/", "2024-05", "05-2024", "x"],
  ["/(?:(?<q>['])|(?<q>[\"]))a\\k<q>/d", "'a'", '"a"', "'a\""],
  ["/(?:(?<a>x)|(?<a>y)|z)(?<b>w)/", "xw", "yw", "zw"],
];

const answers = (literal: string, texts: readonly string[]): string =>
  `${JSON.stringify(texts)}.map((text) => {
    const re = ${literal};
    const found = re.exec(text);
    re.lastIndex = 0;
    return [found, found?.groups ?? null, found?.indices?.groups ?? null, text.replace(re, "[$<y>$&]"), re.global ? [...text.matchAll(re)].map((m) => m[0]) : text.split(re), re.test(text)];
  })`;

describe("lowerRegExps()", () => {
  for (const [literal, ...texts] of LITERALS)
    test(`keeps the meaning of ${literal}`, async () => {
      const code = answers(literal, texts);
      // oxlint-disable-next-line typescript/no-implied-eval -- the fixtures above, run by the host as the reference
      const expected: unknown = JSON.parse(JSON.stringify(new Function(`return ${code}`)()));
      const lowered = lowerRegExps(`export default ${code}`);
      const { result, error } = await runInGuest(lowered);
      expect(error).toBeNull();
      expect(result).toEqual(expected as never);
    });

  test("groups of one name are there in matchAll, and under their own names only", async () => {
    const code = `const re = /(?<n>\\d)a|b(?<n>\\d)/g;
      export default [[..."1a b2".matchAll(re)].map(({ groups }) => ({ ...groups })), Object.keys(re), re instanceof RegExp];`;
    const { result } = await runInGuest(lowerRegExps(code));
    expect(result).toEqual([[{ n: "1" }, { n: "2" }], [], true]);
  });

  test("leaves everything else as it is, and the lines in their places", () => {
    for (const source of [
      "const a = /(?<y>a)/, b = /x/v.source.length / v;",
      "const a = b / v; // [a--b]/v",
      "const text = '(?i:a)'; const re = /(?:a)(?=b)(?<!c)/gimsuy;",
      "this is no module /(?i:a)/",
    ])
      expect(lowerRegExps(source).replaceAll("/x/u", "/x/v")).toBe(source);
    const lines = lowerRegExps("const a = 1;\nconst b = /(?<n>a)|(?<n>b)/;\nthrow a;").split("\n");
    expect(lines[2]).toBe("throw a;");
  });
});
