/** What a command works with: the terminal, the chosen server and credentials, the output form. */
import { ApiClient } from "../client/api-client.ts";
import type { App } from "../client/types.ts";
import { type CredentialsFile, readCredentials } from "./credentials.ts";
import { CliError, EXIT } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { type Column, type OutputFormat, renderItem, renderList } from "./output.ts";

export const DEFAULT_URL = "http://127.0.0.1:8080";

export interface GlobalOptions {
  output?: string | undefined;
  url?: string | undefined;
  profile?: string | undefined;
  yes?: boolean | undefined;
}

export class CliContext {
  readonly io: CliIo;
  readonly format: OutputFormat;
  readonly #options: GlobalOptions;
  readonly #fetch: typeof fetch | undefined;

  constructor(io: CliIo, options: GlobalOptions, fetchImpl?: typeof fetch) {
    this.io = io;
    this.#options = options;
    this.#fetch = fetchImpl;
    this.format =
      (options.output as OutputFormat | undefined) ?? (io.stdoutIsTerminal ? "table" : "tsv");
  }

  profileName(file: CredentialsFile): string {
    return (
      this.#options.profile ??
      (this.io.env["PICLOUD_PROFILE"] || undefined) ??
      file.current ??
      "default"
    );
  }

  /** Options win over the environment, and that over the file, as with kubectl, gcloud and aws. */
  async server(): Promise<{
    url: string;
    token: string | null;
    profile: string;
    username: string | undefined;
  }> {
    const file = await readCredentials(this.io.env);
    const profile = this.profileName(file);
    const stored = file.profiles[profile];
    const url =
      this.#options.url ?? (this.io.env["PICLOUD_URL"] || undefined) ?? stored?.url ?? DEFAULT_URL;
    assertUrl(url);
    // A token is good for the server that gave it, and must not be sent to another one.
    const storedToken = stored && stored.url === url ? stored.token : null;
    return {
      url,
      token: (this.io.env["PICLOUD_TOKEN"] || undefined) ?? storedToken,
      profile,
      username: stored?.username,
    };
  }

  /** A client that is not signed in. */
  async openClient(): Promise<ApiClient> {
    const { url } = await this.server();
    return this.clientFor(url, null);
  }

  async client(): Promise<ApiClient> {
    const { url, token } = await this.server();
    if (token === null) {
      throw new CliError(
        EXIT.notSignedIn,
        `Not signed in to ${url}`,
        "Run `pic login`, or set PICLOUD_TOKEN",
      );
    }
    return this.clientFor(url, token);
  }

  clientFor(baseUrl: string, token: string | null): ApiClient {
    return new ApiClient({ baseUrl, token, ...(this.#fetch ? { fetch: this.#fetch } : {}) });
  }

  list<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
    this.io.stdout(renderList(this.format, rows, columns));
  }

  item<T>(item: T, columns: readonly Column<T>[]): void {
    this.io.stdout(renderItem(this.format, item, columns));
  }

  /** What a person wants to know and a program does not: always on stderr. */
  note(text: string): void {
    this.io.stderr(`${text}\n`);
  }

  /** Asks before something is destroyed. Without a terminal, `--yes` is the only consent. */
  async confirm(question: string): Promise<void> {
    if (this.#options.yes) return;
    const answer = await this.io.ask(`${question} [y/N] `);
    if (answer === null)
      throw new CliError(EXIT.usage, "Cannot ask without a terminal", "Pass --yes to go ahead");
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(EXIT.failure, "Nothing was changed");
  }

  /** Shows a line while work takes more than a second; on a terminal only. */
  async progress<T>(label: string, work: Promise<T>): Promise<T> {
    if (!this.io.stderrIsTerminal) return work;
    const timer = setTimeout(() => this.io.stderr(`${label} ...\n`), 1000);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }
}

function assertUrl(url: string): void {
  if (!/^https?:\/\/[^/]+/.test(url) || !URL.canParse(url)) {
    throw new CliError(
      EXIT.usage,
      `The server \`${url}\` is no http or https URL`,
      "Example: http://127.0.0.1:8080",
    );
  }
}

/** The app by slug or id; tells on stderr when a former slug was used. */
export async function fetchApp(ctx: CliContext, client: ApiClient, app: string): Promise<App> {
  const found = await client.get<App>(`/apps/${encodeURIComponent(app)}`);
  if (found.slug_redirect)
    ctx.note(`note: the app \`${app}\` is called \`${found.slug_redirect}\` now`);
  return found;
}
