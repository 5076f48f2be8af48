import { stat } from "node:fs/promises";
import type { User, VersionInfo } from "../../client/types.ts";
import { type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { credentialsPath } from "../credentials.ts";
import { describeFailure, EXIT } from "../errors.ts";

interface Check {
  check: string;
  ok: boolean;
  detail: string;
}

export const commands: readonly Command[] = [
  defineCommand({
    name: "doctor",
    summary: "Check the server and these settings",
    description: "Exits with 1 when a check fails.",
    async run(ctx) {
      const checks = [await credentialsCheck(ctx), ...(await serverChecks(ctx))];
      ctx.list(checks, [
        { title: "check", value: (row) => row.check },
        { title: "ok", value: (row) => (row.ok ? "ok" : "FAILED") },
        { title: "detail", value: (row) => row.detail },
      ]);
      return checks.every((row) => row.ok) ? EXIT.ok : EXIT.failure;
    },
  }),
];

async function credentialsCheck(ctx: CliContext): Promise<Check> {
  const path = credentialsPath(ctx.io.env);
  const found = await stat(path).catch(() => null);
  if (!found) return { check: "credentials", ok: true, detail: `no file at ${path}` };
  const open = (found.mode & 0o077) !== 0;
  return {
    check: "credentials",
    ok: !open,
    detail: open ? `${path} is readable by others: chmod 600 it` : path,
  };
}

async function serverChecks(ctx: CliContext): Promise<Check[]> {
  const { url } = await ctx.server();
  const client = await ctx.openClient();
  const checks: Check[] = [];
  const attempt = async (check: string, work: () => Promise<string>): Promise<void> => {
    try {
      checks.push({ check, ok: true, detail: await work() });
    } catch (error) {
      checks.push({ check, ok: false, detail: describeFailure(error).lines[0] ?? "" });
    }
  };
  await attempt(
    "server",
    async () => `${url} answers ${(await client.send("GET", "/healthz")).status}`,
  );
  if (!checks[0]?.ok) return checks;
  await attempt("version", async () => {
    const version = (await (await client.send("GET", "/version")).json()) as VersionInfo;
    return `product ${version.product}, api ${version.api}, sdk ${version.sdk}`;
  });
  await attempt("ready", async () => {
    const response = await client.send("GET", "/readyz");
    const body = await response.text();
    if (!response.ok) throw new Error(body);
    return body.trim();
  });
  await attempt("session", async () => {
    const user = await (await ctx.client()).get<User>("/auth/me");
    return `${user.username} (${user.instance_role})`;
  });
  return checks;
}
