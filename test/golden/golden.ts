/** Compares text with a checked-in file; UPDATE_GOLDEN=1 writes it, for review as a diff. */
import { expect } from "bun:test";

export async function expectGolden(path: string, text: string): Promise<void> {
  const file = Bun.file(path);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    await file.write(text);
    return;
  }
  expect(text).toBe(await file.text());
}
