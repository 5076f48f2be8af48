import { ApiError } from "../../client/api-client.ts";
import type { Session, User } from "../../client/types.ts";
import { type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { readCredentials, writeCredentials } from "../credentials.ts";
import { CliError, EXIT } from "../errors.ts";

const login = defineCommand({
  name: "login",
  summary: "Sign in and keep the session",
  description:
    "Asks for the user name and the password, which is not echoed. Without a terminal the password is read\n" +
    "from standard input. The credentials file is readable by you alone.",
  options: {
    username: { type: "string", short: "u", value: "NAME", description: "The user name" },
    token: {
      type: "string",
      value: "TOKEN",
      description: "Keep this token or API key instead; `-` reads it from stdin",
    },
  },
  examples: ["pic login --url https://cloud.example.com -u anna", "pic login -u ci < password.txt"],
  async run(ctx, { options }) {
    const { url } = await ctx.server();
    const session = options.token
      ? await sessionFromToken(ctx, url, options.token)
      : await sessionFromPassword(ctx, url, options.username);
    const file = await readCredentials(ctx.io.env);
    const profile = ctx.profileName(file);
    file.profiles[profile] = { url, token: session.token, username: session.user.username };
    file.current = profile;
    await writeCredentials(ctx.io.env, file);
    ctx.note(`Signed in to ${url} as ${session.user.username} (profile ${profile})`);
  },
});

type KeptSession = Pick<Session, "token" | "user">;

async function sessionFromToken(
  ctx: CliContext,
  url: string,
  option: string,
): Promise<KeptSession> {
  const token = option === "-" ? await readLineOfStdin(ctx) : option;
  return { token, user: await ctx.clientFor(url, token).get<User>("/auth/me") };
}

async function sessionFromPassword(
  ctx: CliContext,
  url: string,
  given: string | undefined,
): Promise<KeptSession> {
  const username = given ?? (await ctx.io.ask("User name: "))?.trim();
  if (!username) throw new CliError(EXIT.usage, "A user name is needed", "Pass --username NAME");
  const password =
    (await ctx.io.ask("Password: ", { hidden: true })) ?? (await readLineOfStdin(ctx));
  const enter = (totp?: string) =>
    ctx
      .clientFor(url, null)
      .post<Session>("/auth/login", { username, password, ...(totp ? { totp } : {}) });
  try {
    return await enter();
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem.code !== "totp_required") throw error;
    const totp = (await ctx.io.ask("Code of the second factor: "))?.trim();
    if (!totp) throw error;
    return await enter(totp);
  }
}

async function readLineOfStdin(ctx: CliContext): Promise<string> {
  const text = new TextDecoder().decode(await ctx.io.readStdin());
  const line = text.split(/\r?\n/)[0] ?? "";
  if (line === "") throw new CliError(EXIT.usage, "Nothing was read from standard input");
  return line;
}

const logout = defineCommand({
  name: "logout",
  summary: "End the session, here and on the server",
  async run(ctx) {
    const { url, token, profile } = await ctx.server();
    const file = await readCredentials(ctx.io.env);
    // An API key is no session: it is only forgotten here, and revoked by `pic api-keys revoke`.
    if (token?.startsWith("pcs_")) {
      await ctx
        .clientFor(url, token)
        .post("/auth/logout")
        .catch((error: unknown) => {
          ctx.note(
            `warning: the server did not end the session: ${error instanceof Error ? error.message : String(error)}`,
          );
        });
    }
    delete file.profiles[profile];
    if (file.current === profile) delete file.current;
    await writeCredentials(ctx.io.env, file);
    ctx.note(`Signed out of ${url} (profile ${profile})`);
  },
});

const whoami = defineCommand({
  name: "whoami",
  summary: "Show who is signed in, and where",
  async run(ctx) {
    const { url, profile } = await ctx.server();
    const user = await (await ctx.client()).get<User>("/auth/me");
    ctx.item({ ...user, url, profile }, [
      { title: "username", value: (row) => row.username },
      { title: "role", value: (row) => row.instance_role },
      { title: "email", value: (row) => row.email },
      { title: "url", value: (row) => row.url },
      { title: "profile", value: (row) => row.profile },
    ]);
  },
});

export const commands: readonly Command[] = [login, logout, whoami];
