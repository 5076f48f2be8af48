import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { readArchive } from "../../src/builder/packages/tar.ts";
import { makeTar } from "../support/package-registry.ts";

/** An archive whose last entry is of another kind: a link to `target`, a device, a folder. */
function archiveWith(type: string, target: string): Uint8Array {
  const tar = makeTar([
    ["package/index.js", "1"],
    ["package/evil.js", ""],
  ]);
  const header = tar.subarray(1024, 1536);
  header[156] = type.charCodeAt(0);
  header.set(new TextEncoder().encode(target), 157);
  return new Uint8Array(gzipSync(tar));
}

const LIMITS = { unpackedBytesMax: 1 << 20, filesMax: 10 };

test.each([
  ["a symbolic link", "2"],
  ["a hard link", "1"],
  ["a device", "3"],
  ["a block device", "4"],
  ["a folder", "5"],
  ["a pipe", "6"],
])("%s of an archive is no file of the package", (_what, type) => {
  for (const target of ["/etc/passwd", "../../../etc/passwd", "index.js"])
    expect([...readArchive(archiveWith(type, target), LIMITS).keys()]).toEqual(["index.js"]);
});

test("an archive with too many files, or a size that lies, is refused", () => {
  const many = makeTar(Array.from({ length: 11 }, (_, i) => [`package/${i}.js`, ""]));
  expect(() => readArchive(new Uint8Array(gzipSync(many)), LIMITS)).toThrow("more than 10 files");
  const lying = makeTar([["package/index.js", "1"]]);
  lying.set(new TextEncoder().encode("77777777777"), 124);
  expect(() => readArchive(new Uint8Array(gzipSync(lying)), LIMITS)).toThrow("longer than");
  expect(() => readArchive(new Uint8Array([1, 2, 3]), LIMITS)).toThrow("no gzip archive");
});
