/** What verbs are given: the parts they use, and who asks. */
import type { ScriptBuilder } from "../shared/builder.ts";
import type { Clock } from "../shared/clock.ts";
import type { ExecutorClient } from "../shared/execution.ts";
import type { Logger } from "../shared/logger.ts";
import type { Principal } from "./authz/principal.ts";
import type { ManagerConfig } from "./config.ts";
import type { Database } from "./db/connect.ts";
import type { TxtResolver } from "./domains/ownership.ts";
import type { ExecutionFeed } from "./executions/feed.ts";
import type { CredentialCache } from "./authz/credential-cache.ts";
import type { Publisher } from "./publish/publisher.ts";
import type { SecretBox } from "./secrets/secret-box.ts";
import type { PasswordHasher } from "./sessions/password-hasher.ts";

export interface ManagerDeps {
  database: Database;
  config: ManagerConfig;
  clock: Clock;
  logger: Logger;
  builder: ScriptBuilder;
  executor: Pick<ExecutorClient, "evaluate">;
  publisher: Publisher;
  secrets: SecretBox;
  passwords: PasswordHasher;
  credentials: CredentialCache;
  feed: ExecutionFeed;
  resolveTxt: TxtResolver;
}

/** Who did something, for the audit log. */
export interface Actor {
  kind: "user" | "api_key" | "system";
  id: string | null;
  name: string | null;
}

/** One request, before it is known who asks. */
export interface RequestContext {
  deps: ManagerDeps;
  requestId: string;
  /** The client's address as the server found it, or null. */
  address: string | null;
  userAgent: string | null;
  principal: Principal | null;
}

/** One request of a known caller. */
export interface CallerContext extends RequestContext {
  principal: Principal;
}

export function actorOf(principal: Principal | null): Actor {
  if (principal === null) return { kind: "system", id: null, name: null };
  return principal.kind === "user"
    ? { kind: "user", id: principal.userId, name: principal.username }
    : { kind: "api_key", id: principal.keyId, name: `${principal.username}/${principal.keyName}` };
}
