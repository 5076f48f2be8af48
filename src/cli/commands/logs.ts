import type { ApiClient } from "../../client/api-client.ts";
import { ApiError } from "../../client/api-client.ts";
import type { Execution, Problem } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { CliError, EXIT } from "../errors.ts";
import { scriptId } from "../lookup.ts";
import { type Column, printable } from "../output.ts";
import { readEvents } from "../sse.ts";

const COLUMNS: readonly Column<Execution>[] = [
  { title: "started", value: (row) => row.started_at },
  { title: "outcome", value: (row) => row.outcome },
  { title: "status", value: (row) => row.status },
  { title: "method", value: (row) => row.method },
  { title: "path", value: (row) => row.path },
  { title: "ms", value: (row) => row.duration_ms },
  { title: "error", value: (row) => row.error?.message },
  { title: "id", value: (row) => row.id },
];

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export const commands: readonly Command[] = [
  defineCommand({
    name: "logs",
    summary: "Read or follow execution records",
    args: [{ name: "target", description: "An app, or APP/SCRIPT" }],
    options: {
      follow: { type: "boolean", short: "f", description: "Go on with new executions as they end" },
      json: {
        type: "boolean",
        description: "The same as --output json; one object a line with --follow",
      },
      outcome: {
        type: "string",
        value: "OUTCOME",
        description: "Only this outcome, such as threw",
      },
      since: {
        type: "string",
        value: "TIME",
        description: "RFC 3339 time, or an age such as 15m, 2h, 1d",
      },
      limit: { type: "string", value: "N", description: "At most this many (50)" },
    },
    async run(ctx, input) {
      const client = await ctx.client();
      const target = arg(input, "target");
      const { follow, json, outcome, since, limit } = input.options;
      if (follow)
        return followLogs(ctx, client, target, { json: json || ctx.format === "json", outcome });
      const path = target.includes("/")
        ? `/scripts/${await scriptId(client, target)}/logs`
        : `/apps/${encodeURIComponent(target)}/logs`;
      const query = {
        limit: limit ?? 50,
        outcome,
        since: since === undefined ? undefined : parseSince(since),
      };
      const { items } = await client.page<Execution>(path, query);
      if (json || ctx.format === "json") ctx.io.stdout(`${JSON.stringify(items, null, 2)}\n`);
      else if (ctx.format === "tsv") ctx.list(items, COLUMNS);
      else for (const execution of items.toReversed()) ctx.io.stdout(describeExecution(execution));
    },
  }),
];

export function parseSince(text: string, now: number = Date.now()): string {
  const age = /^(\d+)([smhd])$/.exec(text);
  if (age) return new Date(now - Number(age[1]) * (UNITS[age[2] ?? ""] ?? 0)).toISOString();
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new CliError(
      EXIT.usage,
      `\`${text}\` is no time`,
      "Use an RFC 3339 time, or 15m, 2h, 1d",
    );
  return new Date(time).toISOString();
}

interface FollowOptions {
  json: boolean;
  outcome: string | undefined;
  signal?: AbortSignal;
}

/** Follows an app's executions until the stream ends; a script's by filtering its app's. */
export async function followLogs(
  ctx: CliContext,
  client: ApiClient,
  target: string,
  options: FollowOptions,
): Promise<void> {
  const [app = target] = target.split("/");
  const script = target.includes("/") ? await scriptId(client, target) : null;
  const path = `/api/v1/admin/apps/${encodeURIComponent(app)}/logs:stream`;
  const response = await client.send("GET", path, options.signal ? { signal: options.signal } : {});
  if (!response.ok || !response.body) throw new ApiError((await response.json()) as Problem);
  for await (const event of readEvents(response.body)) {
    const execution = JSON.parse(event.data) as Execution;
    if (script !== null && execution.script_id !== script) continue;
    if (options.outcome !== undefined && execution.outcome !== options.outcome) continue;
    ctx.io.stdout(options.json ? `${JSON.stringify(execution)}\n` : describeExecution(execution));
  }
}

/** An execution as a person reads it: a line, its console lines, its error. */
export function describeExecution(execution: Execution): string {
  const time = execution.started_at.replace("T", " ").replace(/\.\d+Z$/, "Z");
  const status = execution.status ?? "-";
  const lines = [
    `${time}  ${execution.outcome}  ${status}  ${execution.method} ${printable(execution.path)}  ${execution.duration_ms} ms`,
    ...execution.logs.map((log) => {
      const data =
        log.data === undefined || log.data === null ? "" : ` ${JSON.stringify(log.data)}`;
      return `    ${log.level.padEnd(5)} ${printable(log.message + data)}`;
    }),
  ];
  if (execution.error) {
    const text = execution.error.stack ?? `${execution.error.name}: ${execution.error.message}`;
    lines.push(...text.split("\n").map((line) => `    ${printable(line)}`));
  }
  return `${lines.join("\n")}\n`;
}
