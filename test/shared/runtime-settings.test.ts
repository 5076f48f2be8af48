import { describe, expect, test } from "bun:test";
import { fastMemories, runtimeSettings } from "../../src/shared/runtime-settings.ts";

const mapsWith = (stack: string): string =>
  `aaaac0000000-aaaac6000000 r-xp 00000000 08:01 1 /usr/bin/picloud\n${stack} rw-p 00000000 00:00 0 [stack]\nffff00000000-ffff00001000 r-xp 00000000 00:00 0 [vdso]\n`;

describe("WebAssembly memories whose bounds the processor checks", () => {
  test("take half of the address space of a small kernel", () => {
    // 2 ** 39 bytes, half of them in pieces of 4.5 GiB.
    expect(fastMemories(mapsWith("7fd3a51000-7fd3a72000"))).toBe(56);
  });

  test.each(["7ffc0d5c4000-7ffc0d5e5000", "ffffd3a51000-ffffd3a72000"])(
    "are as many as sandboxes may run at once where there is room: %s",
    (stack) => {
      expect(fastMemories(mapsWith(stack))).toBe(256);
    },
  );

  test("are as many as on a small kernel where the system does not tell", () => {
    expect(fastMemories("")).toBe(56);
  });
});

describe("settings of the runtime", () => {
  test("that somebody set already stay", () => {
    const before = process.env["MIMALLOC_PURGE_DELAY"];
    process.env["MIMALLOC_PURGE_DELAY"] = "5";
    const settings = runtimeSettings();
    if (before === undefined) delete process.env["MIMALLOC_PURGE_DELAY"];
    else process.env["MIMALLOC_PURGE_DELAY"] = before;
    expect(settings["MIMALLOC_PURGE_DELAY"]).toBe("5");
    expect(Number(settings["BUN_JSC_maxNumWasmFastMemories"])).toBeGreaterThan(4);
  });
});
