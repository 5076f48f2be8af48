/** Brings an app on a server to what a project folder says. */
import { ApiError, type ApiClient } from "../../client/api-client.ts";
import type { App, Domain, EnvVariable, Route, Script } from "../../client/types.ts";
import { listScripts } from "../lookup.ts";
import { type Project, type ProjectRoute, type ProjectScript, routesOf } from "./config.ts";
import { scriptBody, type ScriptBody } from "./files.ts";

export interface Change {
  kind: "app" | "domain" | "script" | "route" | "env";
  name: string;
  change: string;
}

export interface DeployOptions {
  folder: string;
  project: Project;
  /** Only tells what would change. */
  dryRun: boolean;
  /** Removes routes that the project does not name. */
  prune: boolean;
}

export interface DeployResult {
  app: App | null;
  domains: string[];
  changes: Change[];
}

export async function deployProject(
  client: ApiClient,
  options: DeployOptions,
): Promise<DeployResult> {
  const { project } = options;
  const bundles = await Promise.all(
    Object.entries(project.scripts).map(async ([name, script]) => ({
      name,
      script,
      body: await scriptBody(options.folder, script),
    })),
  );
  const deployment = new Deployment(client, options);
  const app = await deployment.app();
  const domains = await deployment.domains(app);
  const existing = app ? await listScripts(client, app.id) : [];
  for (const bundle of bundles) {
    const found = existing.find((script) => script.name === bundle.name);
    await deployment.script(app, bundle.name, bundle.script, bundle.body, found);
  }
  if (app) await deployment.env(app);
  return { app, domains, changes: deployment.changes };
}

class Deployment {
  readonly changes: Change[] = [];
  readonly #client: ApiClient;
  readonly #options: DeployOptions;

  constructor(client: ApiClient, options: DeployOptions) {
    this.#client = client;
    this.#options = options;
  }

  #note(kind: Change["kind"], name: string, change: string): void {
    this.changes.push({
      kind,
      name,
      change: this.#options.dryRun && change !== "unchanged" ? `would be ${change}` : change,
    });
  }

  async app(): Promise<App | null> {
    const slug = this.#options.project.app;
    try {
      return await this.#client.get<App>(`/apps/${encodeURIComponent(slug)}`);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
    this.#note("app", slug, "created");
    return this.#options.dryRun ? null : this.#client.post<App>("/apps", { slug, name: slug });
  }

  async domains(app: App | null): Promise<string[]> {
    const wanted = this.#options.project.domains;
    const claimed = app ? (await this.#client.page<Domain>(`/apps/${app.id}/domains`)).items : [];
    const hosts = new Set(claimed.map((claim) => claim.host));
    for (const host of wanted) {
      if (hosts.has(host.toLowerCase())) continue;
      this.#note("domain", host, "claimed");
      if (app && !this.#options.dryRun)
        await this.#client.post<Domain>(`/apps/${app.id}/domains`, { host });
      hosts.add(host.toLowerCase());
    }
    return [...hosts];
  }

  async script(
    app: App | null,
    name: string,
    script: ProjectScript,
    body: ScriptBody,
    existing: Script | undefined,
  ): Promise<void> {
    const saved = await this.#save(app, name, body, existing);
    await this.#routes(saved, name, routesOf(script));
  }

  async #save(
    app: App | null,
    name: string,
    body: ScriptBody,
    existing: Script | undefined,
  ): Promise<Script | null> {
    if (!existing) {
      this.#note("script", name, "created");
      if (!app || this.#options.dryRun) return null;
      return this.#client.post<Script>("/scripts", { app_id: app.id, name, ...body });
    }
    if (this.#options.dryRun) {
      const live = await this.#client.get<Script>(`/scripts/${existing.id}`);
      const same =
        Bun.deepEquals(live.files ?? null, body.files) &&
        Bun.deepEquals(live.static ?? null, body.static);
      this.#note("script", name, same ? "unchanged" : "updated");
      return live;
    }
    const saved = await this.#client.put<Script>(`/scripts/${existing.id}`, body);
    this.#note(
      "script",
      name,
      saved.version === existing.version ? "unchanged" : `updated to version ${saved.version}`,
    );
    return saved;
  }

  async #routes(script: Script | null, name: string, wanted: ProjectRoute[]): Promise<void> {
    const present = script
      ? (await this.#client.page<Route>(`/scripts/${script.id}/routes`)).items
      : [];
    const keys = new Set(present.map(keyOfRoute));
    if (this.#options.prune) await this.#pruneRoutes(present, new Set(wanted.map(keyOf)));
    for (const route of wanted) {
      if (keys.has(keyOf(route))) continue;
      this.#note("route", `${route.method} ${route.host ?? ""}${route.path}`, `sent to ${name}`);
      if (!script || this.#options.dryRun) continue;
      await this.#client.post<Route>(`/scripts/${script.id}/routes`, {
        path: route.path,
        method: route.method,
        ...(route.host ? { host: route.host } : {}),
        ...(route.hostParamName ? { host_param_name: route.hostParamName } : {}),
      });
    }
  }

  async #pruneRoutes(present: Route[], wanted: Set<string>): Promise<void> {
    for (const route of present) {
      if (wanted.has(keyOfRoute(route))) continue;
      this.#note("route", `${route.method} ${route.host ?? ""}${route.path}`, "removed");
      if (!this.#options.dryRun) await this.#client.delete(`/routes/${route.id}`);
    }
  }

  async env(app: App): Promise<void> {
    const names = this.#options.project.env;
    if (names.length === 0) return;
    const { items } = await this.#client.page<EnvVariable>(`/apps/${app.id}/env`);
    const set = new Set(items.map((variable) => variable.name));
    for (const name of names)
      if (!set.has(name)) this.changes.push({ kind: "env", name, change: "MISSING on the server" });
  }
}

const keyOf = (route: ProjectRoute): string => `${route.method} ${route.host ?? ""} ${route.path}`;
const keyOfRoute = (route: Route): string => `${route.method} ${route.host ?? ""} ${route.path}`;
