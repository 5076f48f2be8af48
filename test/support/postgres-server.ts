/**
 * A program: PostgreSQL for the tests. Prints its superuser URL as one line, then runs until its
 * standard input ends, so that it cannot outlive whoever started it, and leaves nothing behind.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEmbeddedPostgres } from "../../src/server/postgres/embedded.ts";
import { openDataDir } from "../../src/server/data-dir/data-dir.ts";
import { createLogger } from "../../src/shared/logger.ts";

const directory = mkdtempSync(path.join(tmpdir(), "picloud-test-"));
chmodSync(directory, 0o711);
const dataDir = openDataDir(directory);
const postgres = await startEmbeddedPostgres({
  dataDir,
  logger: createLogger({ level: "error", format: "human" }),
  // Nothing here must survive a power cut.
  settings: {
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    max_connections: "200",
  },
  initArguments: ["--no-sync"],
});
process.stdout.write(`${postgres.superuserUrl}\n`);

// The runner's Ctrl-C reaches this process too; its standard input ends then as well.
process.on("SIGINT", () => undefined);
process.stdin.resume();
await new Promise((resolve) => process.stdin.once("end", resolve));
await postgres.stop();
dataDir.release();
rmSync(directory, { recursive: true, force: true });
process.exit(0);
