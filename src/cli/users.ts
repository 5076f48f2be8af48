/** User names to ids. */
import type { ApiClient } from "../client/api-client.ts";
import type { Page, User } from "../client/types.ts";
import { CliError, EXIT } from "./errors.ts";
import { isUuid } from "./lookup.ts";

export async function resolveUserId(client: ApiClient, reference: string): Promise<string> {
  if (isUuid(reference)) return reference;
  let cursor: string | undefined;
  do {
    const page: Page<User> = await client.page<User>("/users", { cursor });
    const found = page.items.find(
      (user) => user.username.toLowerCase() === reference.toLowerCase(),
    );
    if (found) return found.id;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  throw new CliError(EXIT.notFound, `There is no user ${reference}`, "See `pic users list`");
}
