/** `picloud admin`: rescue at the machine, against the database of this instance. */
import { createPasswordHasher } from "../manager/sessions/password-hasher.ts";
import { connectDatabase } from "../manager/db/connect.ts";
import {
  createOwner,
  listEveryUser,
  resetPassword,
  type RescueTools,
} from "../manager/rescue/rescue.ts";
import { rotateMasterKey } from "../manager/secrets/rotate.ts";
import { AppError } from "../shared/errors.ts";
import { setAddonDirectory } from "../shared/addon-directory.ts";
import { ConfigError, loadConfig, type Config } from "../shared/config/config.ts";
import { createLogger } from "../shared/logger.ts";
import { askTerminal } from "../shared/terminal.ts";
import { DataDirInUseError, openDataDir } from "./data-dir/data-dir.ts";
import { openInstanceDatabase } from "./database.ts";
import { runningDatabaseUrl } from "./postgres/embedded.ts";

const USAGE = `Usage: picloud admin <command>

  list-users                  Every user, with role and state
  reset-password <username>   Set a password and end the user's sessions
  create-owner <username>     Make a further owner
  rotate-master-key           Encrypt the keys of all secrets with a new master key; stop the server first

Works on the database that PICLOUD_DATA_DIR or DATABASE_URL names, but for the last with the server running or not.
A password is asked for without echo; without a terminal it is the first line of standard input.
`;

const ROTATE = "rotate-master-key";
const USERNAME = /^[A-Za-z0-9._-]{3,64}$/;
const PASSWORD_MIN = 12;
const PASSWORD_MAX = 1024;

class UsageError extends Error {}

type Action = (tools: RescueTools, username: string) => Promise<string>;

const ACTIONS: Readonly<Record<string, { takesUser: boolean; run: Action }>> = {
  "list-users": {
    takesUser: false,
    run: async (tools) => (await listEveryUser(tools)).map(describe).join(""),
  },
  "reset-password": {
    takesUser: true,
    run: async (tools, username) => {
      const done = await resetPassword(tools, username, await readPassword());
      if (!done) throw new UsageError(`There is no user ${username}`);
      return `The password of ${username} is set; the user's sessions have ended\n`;
    },
  },
  "create-owner": {
    takesUser: true,
    run: async (tools, username) => {
      if (!USERNAME.test(username))
        throw new UsageError("A user name is 3 to 64 of A-Z a-z 0-9 . _ -");
      const owner = await createOwner(tools, username, await readPassword());
      return `${owner.username} is an owner now\n`;
    },
  },
};

export async function runAdmin(argv: string[]): Promise<number> {
  const [name = "", username, ...rest] = argv;
  if (name === ROTATE && argv.length === 1) return await report(rotate);
  const action = ACTIONS[name];
  if (action === undefined || rest.length > 0 || (username !== undefined) !== action.takesUser) {
    const isHelp = name === "--help" || name === "-h";
    (isHelp ? process.stdout : process.stderr).write(USAGE);
    return isHelp ? 0 : 2;
  }
  return await report(() => withTools((tools) => action.run(tools, username ?? "")));
}

async function report(work: () => Promise<string>): Promise<number> {
  try {
    process.stdout.write(await work());
    return 0;
  } catch (error) {
    const message =
      error instanceof AppError
        ? error.publicMessage
        : error instanceof Error
          ? error.message
          : String(error);
    process.stderr.write(`error: ${message}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

/** A running server would go on with the former key, so the data directory must be free; one on another machine cannot be seen from here. */
async function rotate(): Promise<string> {
  const config = loadConfig();
  const logger = createLogger({ level: "error", format: "human" });
  setAddonDirectory(config.dataDir);
  const dataDir = openDataDir(config.dataDir);
  try {
    const storage = await openInstanceDatabase(config, dataDir, logger);
    try {
      const source = { given: config.masterKey, dataDir: dataDir.path };
      const { id, rewrapped } = await rotateMasterKey(
        storage.database,
        source,
        config.newMasterKey,
      );
      const next = config.newMasterKey === null ? "" : "; start the server with it from now on";
      return `The master key is ${id} now; the keys of ${rewrapped} apps are encrypted with it${next}\n`;
    } finally {
      await storage.close();
    }
  } finally {
    dataDir.release();
  }
}

async function withTools<Result>(work: (tools: RescueTools) => Promise<Result>): Promise<Result> {
  const config = loadConfig();
  const logger = createLogger({ level: "error", format: "human" });
  const cost = { memoryKib: config.argon2MemoryKib, passes: config.argon2Iterations };
  const storage = await openStorage(config, logger);
  try {
    return await work({ database: storage.database, passwords: await createPasswordHasher(cost) });
  } finally {
    await storage.close();
  }
}

/** The server holds the data directory while it runs; its PostgreSQL is then asked in its place. */
async function openStorage(config: Config, logger: ReturnType<typeof createLogger>) {
  setAddonDirectory(config.dataDir);
  if (config.databaseUrl !== null) {
    const database = connectDatabase({ url: config.databaseUrl, poolSize: 1 });
    return { database, close: () => database.close() };
  }
  try {
    const dataDir = openDataDir(config.dataDir);
    const storage = await openInstanceDatabase(config, dataDir, logger);
    const close = async (): Promise<void> => {
      await storage.close();
      dataDir.release();
    };
    return { database: storage.database, close };
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error;
    const database = connectDatabase({ url: runningDatabaseUrl(config.dataDir), poolSize: 1 });
    return { database, close: () => database.close() };
  }
}

async function readPassword(): Promise<string> {
  const asked = askTerminal("New password: ", true);
  const password = asked ?? (await Bun.stdin.text()).split(/\r?\n/)[0] ?? "";
  if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX)
    throw new UsageError(`A password has ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`);
  if (asked !== null && askTerminal("Once more: ", true) !== password)
    throw new UsageError("The two passwords differ");
  return password;
}

function describe(user: {
  username: string;
  instanceRole: string;
  isActive: boolean;
  email: string | null;
}): string {
  return `${[user.username, user.instanceRole, user.isActive ? "active" : "inactive", user.email ?? "-"].join("\t")}\n`;
}
