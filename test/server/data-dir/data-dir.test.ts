import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DataDirInUseError, openDataDir } from "../../../src/server/data-dir/data-dir.ts";

const root = mkdtempSync(path.join(tmpdir(), "picloud-data-dir-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("openDataDir() makes the directory so that others may pass but not list it", () => {
  const dataDir = openDataDir(path.join(root, "a/b"));
  expect(statSync(dataDir.path).mode & 0o777).toBe(0o711);
  expect(readFileSync(dataDir.file("picloud.lock"), "utf8")).toBe(`${process.pid}\n`);
  dataDir.release();
});

test("openDataDir() refuses a directory that is open, and gives it again after its release", () => {
  const directory = path.join(root, "twice");
  const first = openDataDir(directory);
  expect(() => openDataDir(directory)).toThrow(DataDirInUseError);
  expect(() => openDataDir(directory)).toThrow(`process ${process.pid} has it open`);
  first.release();
  openDataDir(directory).release();
});

test("openDataDir() is not kept out by a lock file that a dead process left", () => {
  const directory = path.join(root, "stale");
  openDataDir(directory).release();
  // Pid 1 lives always: what the file says is for people, the lock is the kernel's.
  writeFileSync(path.join(directory, "picloud.lock"), "1\n");
  openDataDir(directory).release();
});

test("openDataDir() says what to do when the directory cannot be made", () => {
  const file = path.join(root, "file");
  writeFileSync(file, "");
  expect(() => openDataDir(path.join(file, "inside"))).toThrow("Set PICLOUD_DATA_DIR");
});
