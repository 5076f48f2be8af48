import { describe, expect, test } from "bun:test";
import { endpoints } from "../../src/manager/http/endpoints.ts";
import { openApiDocument } from "../../src/manager/http/openapi.ts";
import { PROBLEMS } from "../../src/manager/problems.ts";
import { expectGolden } from "./golden.ts";

describe("the HTTP contract", () => {
  test("is the one in openapi.json", async () => {
    const text = `${JSON.stringify(openApiDocument(endpoints), null, 2)}\n`;
    await expectGolden(new URL("openapi.json", import.meta.url).pathname, text);
  });

  test("names each operation once", () => {
    const { paths } = openApiDocument(endpoints) as { paths: Record<string, Record<string, { operationId?: string }>> };
    const ids = Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ operationId }) => operationId ?? []));
    expect(ids.length).toBe(endpoints.length);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("has the problems of problems.txt", async () => {
    const lines = Object.entries(PROBLEMS).map(([code, { status, title }]) => `${code} ${status} ${title}\n`);
    expect(lines).toEqual(lines.toSorted());
    await expectGolden(new URL("problems.txt", import.meta.url).pathname, lines.join(""));
  });
});
