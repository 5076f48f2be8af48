/** Every command there is. Files load only when one of their commands runs, so that `pic --help` is quick. */
import type { Command } from "./command.ts";

export interface GroupEntry {
  name: string;
  summary: string;
  load(): Promise<{ commands: readonly Command[] }>;
}

export const GROUPS: readonly { title: string; entries: readonly GroupEntry[] }[] = [
  {
    title: "Develop",
    entries: [
      {
        name: "init",
        summary: "Start a project from a template",
        load: () => import("./commands/init.ts"),
      },
      {
        name: "dev",
        summary: "Run a folder locally, live on every save",
        load: () => import("./commands/dev.ts"),
      },
      {
        name: "deploy",
        summary: "Upload a folder: scripts, routes, domains",
        load: () => import("./commands/deploy.ts"),
      },
      {
        name: "rollback",
        summary: "Make an earlier version live again",
        load: () => import("./commands/versions.ts"),
      },
      {
        name: "versions",
        summary: "List the versions of a script",
        load: () => import("./commands/versions.ts"),
      },
      {
        name: "diff",
        summary: "Show what differs between two versions, or a version and a folder",
        load: () => import("./commands/versions.ts"),
      },
      {
        name: "invoke",
        summary: "Call a script and print its answer",
        load: () => import("./commands/invoke.ts"),
      },
      {
        name: "logs",
        summary: "Read or follow execution records",
        load: () => import("./commands/logs.ts"),
      },
      {
        name: "open",
        summary: "Print or open the address of an app",
        load: () => import("./commands/open.ts"),
      },
    ],
  },
  {
    title: "Manage",
    entries: [
      { name: "apps", summary: "Apps", load: () => import("./commands/apps.ts") },
      {
        name: "scripts",
        summary: "Scripts of an app",
        load: () => import("./commands/scripts.ts"),
      },
      { name: "routes", summary: "Routes of a script", load: () => import("./commands/routes.ts") },
      {
        name: "domains",
        summary: "Domain claims of an app",
        load: () => import("./commands/domains.ts"),
      },
      {
        name: "env",
        summary: "Environment variables of an app",
        load: () => import("./commands/env.ts"),
      },
      {
        name: "secrets",
        summary: "Secret variables of an app",
        load: () => import("./commands/secrets.ts"),
      },
      {
        name: "members",
        summary: "Members of an app",
        load: () => import("./commands/members.ts"),
      },
      {
        name: "users",
        summary: "Users of the instance",
        load: () => import("./commands/users.ts"),
      },
      { name: "api-keys", summary: "Your API keys", load: () => import("./commands/api-keys.ts") },
    ],
  },
  {
    title: "Sign in",
    entries: [
      {
        name: "login",
        summary: "Sign in and keep the session",
        load: () => import("./commands/session.ts"),
      },
      {
        name: "logout",
        summary: "End the session, here and on the server",
        load: () => import("./commands/session.ts"),
      },
      {
        name: "whoami",
        summary: "Show who is signed in, and where",
        load: () => import("./commands/session.ts"),
      },
    ],
  },
  {
    title: "Help",
    entries: [
      {
        name: "doctor",
        summary: "Check the server and these settings",
        load: () => import("./commands/doctor.ts"),
      },
      {
        name: "types",
        summary: "Write the type definitions of scripts for an editor",
        load: () => import("./commands/types.ts"),
      },
      {
        name: "completions",
        summary: "Print the completions of a shell",
        load: () => import("./commands/completions.ts"),
      },
    ],
  },
];

export const findEntry = (name: string): GroupEntry | undefined =>
  GROUPS.flatMap((group) => group.entries).find((entry) => entry.name === name);

export type Lookup =
  | { kind: "command"; command: Command; rest: string[] }
  | { kind: "noun"; noun: string; commands: readonly Command[]; verb: string | undefined }
  | { kind: "unknown"; name: string };

/** The command that the words name, or the noun whose help is due. */
export async function lookUp(words: string[]): Promise<Lookup> {
  const [noun = "", verb] = words;
  const entry = findEntry(noun);
  if (!entry) return { kind: "unknown", name: noun };
  const { commands } = await entry.load();
  const single = commands.find((command) => command.name === noun);
  if (single) return { kind: "command", command: single, rest: words.slice(1) };
  const command = commands.find((candidate) => candidate.name === `${noun} ${verb}`);
  if (command) return { kind: "command", command, rest: words.slice(2) };
  return { kind: "noun", noun, commands, verb: verb?.startsWith("-") ? undefined : verb };
}
