import type { Route, Script } from "../../client/types.ts";
import type { ApiClient } from "../../client/api-client.ts";
import { type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { CliError, describeFailure, EXIT } from "../errors.ts";
import { listScripts } from "../lookup.ts";
import { frameOf } from "../project/code-frame.ts";
import { type Project, readProject, routesOf } from "../project/config.ts";
import { type DevServer, startDevServer } from "../project/dev-server.ts";
import { folderOf, scriptBody } from "../project/files.ts";
import { watchFolder } from "../project/watch.ts";
import { followLogs } from "./logs.ts";

/** The app of a fresh install: it answers on `localhost`, whatever the project's own domains are. */
const DEV_APP = "default";

export const commands: readonly Command[] = [
  defineCommand({
    name: "dev",
    summary: "Run a folder locally, live on every save",
    description:
      "Starts a PiCloud of the project's own (its data lies in .picloud), deploys the folder, shows the\n" +
      "executions as they happen, and deploys again after every save. No account is needed.",
    args: [{ name: "folder", description: "The project folder (.)", optional: true }],
    options: {
      port: { type: "string", short: "p", value: "PORT", description: "Port on 127.0.0.1 (8787)" },
    },
    async run(ctx, { options, args }) {
      const folder = folderOf(ctx.io.cwd, args["folder"]);
      const port = readPort(options.port ?? "8787");
      await readProject(folder);
      const server = await startDevServer(folder, port, (line) => ctx.note(line));
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      try {
        await runUntilStopped(ctx, folder, server, stop.signal);
      } finally {
        await server.stop();
      }
    },
  }),
];

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new CliError(EXIT.usage, `\`${text}\` is no port`);
  return port;
}

async function runUntilStopped(
  ctx: CliContext,
  folder: string,
  server: DevServer,
  signal: AbortSignal,
): Promise<void> {
  const session = new DevSession(ctx, folder, server.client);
  await session.reset();
  await session.update();
  ctx.note(`Ready on http://localhost:${new URL(server.url).port}`);
  void followLogs(ctx, server.client, DEV_APP, {
    json: ctx.format === "json",
    outcome: undefined,
    signal,
  }).catch(() => {});
  await watchFolder(folder, signal, () => session.update());
}

/** What is deployed is remembered, so that a save costs one call for each script that it changed. */
class DevSession {
  readonly #ctx: CliContext;
  readonly #folder: string;
  readonly #client: ApiClient;
  readonly #deployed = new Map<string, { id: string; body: string; routes: string }>();
  #appId = "";

  constructor(ctx: CliContext, folder: string, client: ApiClient) {
    this.#ctx = ctx;
    this.#folder = folder;
    this.#client = client;
  }

  /** The store is the project's own: scripts of an earlier run, and the sample one, go. */
  async reset(): Promise<void> {
    this.#appId = (await this.#client.get<{ id: string }>(`/apps/${DEV_APP}`)).id;
    for (const script of await listScripts(this.#client, this.#appId))
      await this.#client.delete(`/scripts/${script.id}`);
  }

  async update(): Promise<void> {
    const started = performance.now();
    try {
      const project = await readProject(this.#folder);
      const changed = await this.#deploy(project);
      if (changed.length > 0) {
        this.#ctx.note(
          `live in ${Math.round(performance.now() - started)} ms: ${changed.join(", ")}`,
        );
      }
    } catch (error) {
      this.#ctx.note(describeFailure(error).lines.join("\n"));
      const frame = await frameOf(this.#folder, error);
      if (frame) this.#ctx.note(frame);
    }
  }

  async #deploy(project: Project): Promise<string[]> {
    const changed: string[] = [];
    for (const [name, known] of this.#deployed) {
      if (project.scripts[name]) continue;
      await this.#client.delete(`/scripts/${known.id}`);
      this.#deployed.delete(name);
      changed.push(`${name} (removed)`);
    }
    for (const name of Object.keys(project.scripts))
      if (await this.#deployScript(project, name)) changed.push(name);
    return changed;
  }

  async #deployScript(project: Project, name: string): Promise<boolean> {
    const script = project.scripts[name];
    if (!script) return false;
    const body = await scriptBody(this.#folder, script);
    const text = JSON.stringify(body);
    const routes = JSON.stringify(routesOf(script));
    const known = this.#deployed.get(name);
    if (known?.body === text && known.routes === routes) return false;
    const saved =
      known === undefined
        ? await this.#client.post<Script>("/scripts", { app_id: this.#appId, name, ...body })
        : await this.#client.put<Script>(`/scripts/${known.id}`, body);
    this.#deployed.set(name, { id: saved.id, body: text, routes: known?.routes ?? "" });
    if (known?.routes !== routes) await this.#replaceRoutes(saved.id, script);
    this.#deployed.set(name, { id: saved.id, body: text, routes });
    return true;
  }

  async #replaceRoutes(scriptId: string, script: Project["scripts"][string]): Promise<void> {
    const present = await this.#client.page<Route>(`/scripts/${scriptId}/routes`);
    for (const route of present.items) await this.#client.delete(`/routes/${route.id}`);
    // Hosts are left out: everything answers on localhost here.
    for (const { path, method } of routesOf(script))
      await this.#client.post(`/scripts/${scriptId}/routes`, { path, method });
  }
}
