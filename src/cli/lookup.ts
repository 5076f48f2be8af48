/** Names to resources, with one listing each. */
import type { ApiClient } from "../client/api-client.ts";
import type { Page, Script } from "../client/types.ts";
import { CliError, EXIT } from "./errors.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** Every script of an app, page by page. */
export async function listScripts(client: ApiClient, app: string): Promise<Script[]> {
  const scripts: Script[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Script> = await client.page<Script>("/scripts", { app, cursor });
    scripts.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return scripts;
}

/** The id of a script given as an id or as `app/name`. */
export async function scriptId(client: ApiClient, reference: string): Promise<string> {
  if (isUuid(reference)) return reference;
  const slash = reference.indexOf("/");
  if (slash <= 0) {
    throw new CliError(
      EXIT.usage,
      `\`${reference}\` names no script`,
      "Name it as APP/SCRIPT, or by its id",
    );
  }
  const app = reference.slice(0, slash);
  const name = reference.slice(slash + 1);
  const found = (await listScripts(client, app)).find((script) => script.name === name);
  if (!found)
    throw new CliError(
      EXIT.notFound,
      `The app ${app} has no script ${name}`,
      `See \`pic scripts list ${app}\``,
    );
  return found.id;
}
