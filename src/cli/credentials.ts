/** The credentials file: one profile a server, readable by its owner only. */
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { CliError, EXIT } from "./errors.ts";

const profileSchema = v.object({
  url: v.string(),
  token: v.string(),
  username: v.optional(v.string()),
});
const fileSchema = v.object({
  current: v.optional(v.string()),
  profiles: v.record(v.string(), profileSchema),
});

export type CredentialsFile = v.InferOutput<typeof fileSchema>;

type Env = Readonly<Record<string, string | undefined>>;

/** $XDG_CONFIG_HOME (XDG Base Directory) or ~/.config on Linux, Application Support on macOS. */
export function credentialsPath(env: Env): string {
  const home = env["HOME"] ?? homedir();
  const fallback =
    process.platform === "darwin"
      ? join(home, "Library", "Application Support")
      : join(home, ".config");
  return join(env["XDG_CONFIG_HOME"] ?? fallback, "picloud", "credentials.json");
}

export async function readCredentials(env: Env): Promise<CredentialsFile> {
  const path = credentialsPath(env);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return { profiles: {} };
  try {
    return v.parse(fileSchema, JSON.parse(text));
  } catch {
    throw new CliError(
      EXIT.failure,
      `Cannot read the credentials file ${path}`,
      "Remove it and run `pic login` again",
    );
  }
}

/** Written beside and renamed, so that a crash leaves the old file or the new one. */
export async function writeCredentials(env: Env, file: CredentialsFile): Promise<void> {
  const path = credentialsPath(env);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}
