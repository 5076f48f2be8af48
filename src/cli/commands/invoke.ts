import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { arg, type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { UnreachableError } from "../../client/api-client.ts";
import { CliError, EXIT } from "../errors.ts";
import { scriptId } from "../lookup.ts";
import { SCRIPT } from "./scripts.ts";

export const commands: readonly Command[] = [
  defineCommand({
    name: "invoke",
    summary: "Call a script and print its answer",
    description:
      "The body goes to stdout, the status line to stderr. Any status that is not 2xx exits with 1.",
    args: [
      SCRIPT,
      { name: "path", description: "Path and query the script sees (/)", optional: true },
    ],
    options: {
      method: {
        type: "string",
        short: "X",
        value: "METHOD",
        description: "HTTP method (GET, or POST with data)",
      },
      data: {
        type: "string",
        short: "d",
        value: "DATA",
        description: "The body; @file reads a file, @- standard input",
      },
      header: {
        type: "string",
        short: "H",
        value: "NAME: VALUE",
        multiple: true,
        description: "A request header",
      },
      include: { type: "boolean", short: "i", description: "Print the response headers too" },
    },
    examples: [
      "pic invoke shop/cart /42 -X POST -d @cart.json -H 'content-type: application/json'",
    ],
    async run(ctx, input) {
      const client = await ctx.client();
      const id = await scriptId(client, arg(input, "script"));
      const path = input.args["path"] ?? "/";
      const body =
        input.options.data === undefined ? null : await readBody(ctx, input.options.data);
      const url = `${client.baseUrl}/api/v1/execute/${id}${path.startsWith("/") ? path : `/${path}`}`;
      const method = input.options.method ?? (body === null ? "GET" : "POST");
      const headers = await requestHeaders(ctx, input.options.header);
      const response = await fetch(url, {
        method,
        headers,
        redirect: "manual",
        ...(body === null ? {} : { body }),
      }).catch((cause: unknown) => {
        throw new UnreachableError(client.baseUrl, cause);
      });
      await printResponse(ctx, response, input.options.include);
      return response.ok ? EXIT.ok : EXIT.failure;
    },
  }),
];

async function readBody(ctx: CliContext, data: string): Promise<string | Uint8Array<ArrayBuffer>> {
  if (!data.startsWith("@")) return data;
  if (data === "@-") return new Uint8Array(await ctx.io.readStdin());
  return new Uint8Array(await readFile(resolve(ctx.io.cwd, data.slice(1))));
}

async function requestHeaders(ctx: CliContext, lines: readonly string[]): Promise<Headers> {
  const headers = new Headers();
  const { token } = await ctx.server();
  if (token) headers.set("authorization", `Bearer ${token}`);
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0)
      throw new CliError(
        EXIT.usage,
        `The header \`${line}\` has no colon`,
        "Example: --header 'accept: text/plain'",
      );
    headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return headers;
}

async function printResponse(ctx: CliContext, response: Response, include: boolean): Promise<void> {
  ctx.note(`${response.status} ${response.statusText}`.trim());
  const failedSide = response.headers.get("x-picloud-error");
  if (failedSide) ctx.note(`failed side: ${failedSide}`);
  if (include) for (const [name, value] of response.headers) ctx.note(`${name}: ${value}`);
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? [])
    ctx.io.stdout(decoder.decode(chunk, { stream: true }));
  const tail = decoder.decode();
  if (tail) ctx.io.stdout(tail);
  if (ctx.io.stdoutIsTerminal) ctx.io.stdout("\n");
}
