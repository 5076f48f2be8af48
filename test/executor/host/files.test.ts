import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { locateParts } from "../../../src/executor/host/files.ts";

const BOUNDARY = "----b0undary";

interface Field {
  name: string;
  fileName: string | null;
  content: Uint8Array;
}

const escape = (text: string): string =>
  text.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");

function bodyOf(fields: Field[]): Uint8Array {
  const pieces: (string | Uint8Array<ArrayBuffer>)[] = [];
  for (const { name, fileName, content } of fields) {
    const file = fileName === null ? "" : `; filename="${escape(fileName)}"\r\nContent-Type: a/b`;
    pieces.push(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${escape(name)}"${file}\r\n\r\n`,
    );
    pieces.push(content as Uint8Array<ArrayBuffer>, "\r\n");
  }
  pieces.push(`--${BOUNDARY}--\r\n`);
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : Buffer.from(piece))),
  );
}

/** Escapes are undone by browsers' rules, so that a text with a literal %22 cannot be told from a quote. */
const name = fc
  .string({ unit: "grapheme" })
  .filter((text) => !/%(?:0A|0D|22)/i.test(text) && text === text.trim());
const field = fc.record({
  name,
  fileName: fc.option(name),
  content: fc.uint8Array({ maxLength: 60 }),
});

describe("parts of a multipart body", () => {
  test("are found again, whatever their names and bytes", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 5 }), (fields) => {
        const body = bodyOf(fields);
        const found = locateParts(body, BOUNDARY);
        expect(
          found?.map(({ name, fileName, start, end }) => ({
            name,
            fileName,
            content: body.slice(start, end),
          })),
        ).toEqual(
          fields.map(({ content, ...rest }) => ({
            ...rest,
            content: Buffer.from(content),
          })) as never,
        );
      }),
    );
  });

  test("never lie outside the body, however broken it is", () => {
    const damage = fc.record({
      at: fc.nat(300),
      byte: fc.integer({ min: 0, max: 255 }),
      length: fc.nat(400),
    });
    fc.assert(
      fc.property(
        fc.array(field, { minLength: 1, maxLength: 3 }),
        damage,
        (fields, { at, byte, length }) => {
          const body = bodyOf(fields).slice(0, length);
          if (at < body.length) body[at] = byte;
          for (const { start, end } of locateParts(body, BOUNDARY) ?? []) {
            expect(start <= end && end <= body.length).toBe(true);
          }
        },
      ),
    );
  });

  test("are not found in a body that does not end", () => {
    const body = bodyOf([{ name: "a", fileName: null, content: new Uint8Array(3) }]);
    expect(locateParts(body.slice(0, -4), BOUNDARY)).toBeNull();
    expect(locateParts(body, "other")).toBeNull();
  });
});
