import type { Member } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import { resolveUserId } from "../users.ts";
import type { Column } from "../output.ts";

const COLUMNS: readonly Column<Member>[] = [
  { title: "username", value: (member) => member.username },
  { title: "role", value: (member) => member.role },
  { title: "instance role", value: (member) => member.instance_role },
  { title: "active", value: (member) => member.is_active },
  { title: "user id", value: (member) => member.user_id },
];

const APP = { name: "app", description: "The app's slug or id" } as const;
const USER = { name: "user", description: "User name (for owners and admins) or id" } as const;
const ROLE = { name: "role", description: "app_admin, editor or viewer" } as const;
const path = (app: string): string => `/apps/${encodeURIComponent(app)}/members`;

export const commands: readonly Command[] = [
  defineCommand({
    name: "members list",
    summary: "List the members of an app",
    args: [APP],
    async run(ctx, input) {
      ctx.list((await (await ctx.client()).page<Member>(path(arg(input, "app")))).items, COLUMNS);
    },
  }),
  defineCommand({
    name: "members add",
    summary: "Make a user a member",
    args: [APP, USER, ROLE],
    async run(ctx, input) {
      const client = await ctx.client();
      const user_id = await resolveUserId(client, arg(input, "user"));
      ctx.item(
        await client.post<Member>(path(arg(input, "app")), { user_id, role: arg(input, "role") }),
        COLUMNS,
      );
    },
  }),
  defineCommand({
    name: "members set",
    summary: "Change the role of a member",
    args: [APP, USER, ROLE],
    async run(ctx, input) {
      const client = await ctx.client();
      const userId = await resolveUserId(client, arg(input, "user"));
      ctx.item(
        await client.patch<Member>(`${path(arg(input, "app"))}/${userId}`, {
          role: arg(input, "role"),
        }),
        COLUMNS,
      );
    },
  }),
  defineCommand({
    name: "members remove",
    summary: "End a membership",
    args: [APP, USER],
    async run(ctx, input) {
      const client = await ctx.client();
      const [app, user] = [arg(input, "app"), arg(input, "user")];
      const userId = await resolveUserId(client, user);
      await ctx.confirm(`Remove ${user} from ${app}?`);
      await client.delete(`${path(app)}/${userId}`);
      ctx.note(`Removed ${user} from ${app}`);
    },
  }),
];
