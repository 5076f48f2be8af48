import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { assertReachable, postgresUser } from "../../../src/server/postgres/service-user.ts";
import { stopLeftovers } from "../../../src/server/postgres/leftovers.ts";
import { hold, query } from "../fixtures/holder.ts";

const PASSWD = [
  "root:x:0:0:root:/root:/bin/bash",
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
  "postgres:x:101:104::/var/lib/postgresql:/bin/bash",
  "dbuser:x:4242:4242::/:/bin/false",
].join("\n");

const isRoot = process.getuid?.() === 0;
const root = mkdtempSync(path.join(tmpdir(), "picloud-user-"));
chmodSync(root, 0o711);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("postgresUser()", () => {
  test("is nobody else when the platform is not root", () => {
    expect(postgresUser("/nowhere", PASSWD, false)).toBeNull();
  });

  test("prefers postgres, and makes do with nobody", () => {
    expect(postgresUser("/nowhere", PASSWD, true)).toEqual({
      name: "postgres",
      uid: 101,
      gid: 104,
    });
    const without = PASSWD.replace(/^postgres.*$/m, "");
    expect(postgresUser("/nowhere", without, true)?.name).toBe("nobody");
  });

  test("says what to do when there is none", () => {
    expect(() => postgresUser("/nowhere", "root:x:0:0::/:/bin/sh", true)).toThrow(
      "Add one of them",
    );
  });

  test.skipIf(!isRoot)("keeps the owner of data that exists", () => {
    const owned = path.join(root, "owned");
    mkdirSync(owned);
    chownSync(owned, 4242, 4242);
    expect(postgresUser(owned, PASSWD, true)?.name).toBe("dbuser");
  });
});

describe.skipIf(!isRoot)("as root", () => {
  test("a parent that PostgreSQL's user cannot enter stops the start and is named", async () => {
    const closed = path.join(root, "closed");
    const inside = path.join(closed, "a/b");
    mkdirSync(inside, { recursive: true });
    chmodSync(closed, 0o700);
    const user = { name: "nobody", uid: 65_534, gid: 65_534 };
    expect(() => assertReachable(inside, user)).toThrow(`cannot enter "${closed}"`);
    expect((await hold(inside)).error).toContain(`chmod o+x "${closed}"`);
    chmodSync(closed, 0o711);
    expect(() => assertReachable(inside, user)).not.toThrow();
  });

  test("a data directory that only root can enter is opened just enough", async () => {
    const directory = mkdtempSync(path.join(root, "private-"));
    const holder = await hold(directory);
    expect(holder.error).toBeUndefined();
    expect(statSync(directory).mode & 0o777).toBe(0o711);
    await holder.kill("SIGTERM");
  });

  test("started by an ordinary user, everything belongs to that user", async () => {
    const directory = path.join(root, "ordinary");
    mkdirSync(directory);
    chownSync(directory, 65_534, 65_534);
    const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const holder = await hold(directory, asNobody);
    try {
      expect(holder.error).toBeUndefined();
      expect(await query(holder.url, "select current_user as name")).toEqual([
        { name: "picloud_owner" },
      ]);
    } finally {
      await holder.kill("SIGTERM");
      await stopLeftovers(path.join(directory, "postgres"), 2_000);
    }
  });
});
