import type { User } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { CliError, EXIT } from "../errors.ts";
import type { Column } from "../output.ts";
import { resolveUserId } from "../users.ts";

const COLUMNS: readonly Column<User>[] = [
  { title: "username", value: (user) => user.username },
  { title: "role", value: (user) => user.instance_role },
  { title: "email", value: (user) => user.email },
  { title: "active", value: (user) => user.is_active },
  { title: "last login", value: (user) => user.last_login_at },
  { title: "id", value: (user) => user.id },
];

const USER = { name: "user", description: "User name or id" } as const;
const ROLE = {
  type: "string",
  choices: ["owner", "admin", "member"],
  value: "ROLE",
  description: "Instance role",
} as const;
const EMAIL = {
  type: "string",
  value: "EMAIL",
  description: "E-mail address; an empty one clears it",
} as const;

export const commands: readonly Command[] = [
  defineCommand({
    name: "users list",
    summary: "List the users of the instance",
    async run(ctx) {
      ctx.list((await (await ctx.client()).page<User>("/users")).items, COLUMNS);
    },
  }),
  defineCommand({
    name: "users get",
    summary: "Show one user",
    args: [USER],
    async run(ctx, input) {
      const client = await ctx.client();
      ctx.item(
        await client.get<User>(`/users/${await resolveUserId(client, arg(input, "user"))}`),
        COLUMNS,
      );
    },
  }),
  defineCommand({
    name: "users create",
    summary: "Create a user; the password is asked for, or read from stdin",
    args: [
      { name: "username", description: "3 to 64 letters, digits, dots, dashes or underscores" },
    ],
    options: { role: ROLE, email: EMAIL },
    async run(ctx, input) {
      const username = arg(input, "username");
      const { role, email } = input.options;
      const password = await askPassword(ctx, username);
      const body = {
        username,
        password,
        ...(role ? { instance_role: role } : {}),
        ...(email ? { email } : {}),
      };
      ctx.item(await (await ctx.client()).post<User>("/users", body), COLUMNS);
    },
  }),
  defineCommand({
    name: "users set",
    summary: "Change a user",
    args: [USER],
    options: {
      role: ROLE,
      email: EMAIL,
      activate: { type: "boolean", description: "Let the user sign in again" },
      deactivate: {
        type: "boolean",
        description: "End the sessions and keys, and refuse new ones",
      },
      password: { type: "boolean", description: "Ask for a new password, or read it from stdin" },
    },
    async run(ctx, input) {
      const client = await ctx.client();
      const user = arg(input, "user");
      const { role, email, activate, deactivate, password } = input.options;
      if (activate && deactivate)
        throw new CliError(EXIT.usage, "--activate and --deactivate exclude each other");
      const body = {
        ...(role ? { instance_role: role } : {}),
        ...(email === undefined ? {} : { email: email === "" ? null : email }),
        ...(activate || deactivate ? { is_active: activate } : {}),
        ...(password ? { password: await askPassword(ctx, user) } : {}),
      };
      ctx.item(
        await client.patch<User>(`/users/${await resolveUserId(client, user)}`, body),
        COLUMNS,
      );
    },
  }),
  defineCommand({
    name: "users delete",
    summary: "Delete a user",
    args: [USER],
    async run(ctx, input) {
      const client = await ctx.client();
      const user = arg(input, "user");
      const id = await resolveUserId(client, user);
      await ctx.confirm(`Delete the user ${user}?`);
      await client.delete(`/users/${id}`);
      ctx.note(`Deleted the user ${user}`);
    },
  }),
];

async function askPassword(ctx: CliContext, username: string): Promise<string> {
  const asked = await ctx.io.ask(`Password for ${username}: `, { hidden: true });
  const password =
    asked ?? new TextDecoder().decode(await ctx.io.readStdin()).split(/\r?\n/)[0] ?? "";
  if (password === "")
    throw new CliError(
      EXIT.usage,
      "No password was given",
      "Type it, or pass it on standard input",
    );
  return password;
}
