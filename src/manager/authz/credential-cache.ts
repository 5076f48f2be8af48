/** Remembers valid credentials for seconds; what is revoked is dropped at once, in every process. */
import { and, eq } from "drizzle-orm";
import type { Clock } from "../../shared/clock.ts";
import { appMembers } from "../db/tables/apps.ts";
import type { Change, ChangeKind } from "../publish/changes.ts";
import type { AppRole } from "./capabilities.ts";
import { findKey, findSession } from "./credential-store.ts";
import type { Bound, CredentialStoreOptions } from "./credential-store.ts";
import type { Principal } from "./principal.ts";
import { hashToken } from "./tokens.ts";
import type { Credential } from "./tokens.ts";

const unbounded: Bound = (read) => read;

const KINDS: ReadonlySet<ChangeKind> = new Set(["user", "session", "api_key", "member"]);
const KEPT_MS = 5000;
const ENTRIES_MAX = 10_000;

export interface CredentialCacheOptions extends CredentialStoreOptions {
  clock: Clock;
}

interface Entry {
  /** Null: a key that was looked at and is not valid. */
  principal: Principal | null;
  until: number;
}

export class CredentialCache {
  readonly #options: CredentialCacheOptions;
  readonly #entries = new Map<string, Entry>();
  /** `<user> <app>` to role; at most as old as an entry. */
  readonly #roles = new Map<string, { role: AppRole | null; until: number }>();
  /** Grows with each drop, so that a read from before it is not kept. */
  #generation = 0;

  constructor(options: CredentialCacheOptions) {
    this.#options = options;
  }

  /** Null when the credential is not valid now. Rejects when the database cannot say. */
  async resolve(credential: Credential, bound: Bound = unbounded): Promise<Principal | null> {
    const key = Buffer.from(hashToken(credential.token)).toString("base64");
    const now = this.#options.clock.now();
    const kept = this.#entries.get(key);
    if (kept !== undefined && kept.until > now) return kept.principal;
    const generation = this.#generation;
    const found =
      credential.kind === "session"
        ? await findSession(this.#options, credential.token, new Date(now), bound)
        : await findKey(this.#options, credential, new Date(now), bound);
    const until = Math.min(now + KEPT_MS, found?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    if (generation === this.#generation)
      keep(this.#entries, key, { principal: found?.principal ?? null, until });
    return found?.principal ?? null;
  }

  /** The membership of a user, for the data plane. */
  async roleIn(userId: string, appId: string): Promise<AppRole | null> {
    const key = `${userId} ${appId}`;
    const now = this.#options.clock.now();
    const kept = this.#roles.get(key);
    if (kept !== undefined && kept.until > now) return kept.role;
    const generation = this.#generation;
    const [row] = await this.#options.db
      .select({ role: appMembers.role })
      .from(appMembers)
      .where(and(eq(appMembers.userId, userId), eq(appMembers.appId, appId)));
    const role = (row?.role ?? null) as AppRole | null;
    if (generation === this.#generation) keep(this.#roles, key, { role, until: now + KEPT_MS });
    return role;
  }

  /** To be subscribed to the publisher's changes. */
  drop(changes: readonly Change[] | null): void {
    const hasNewSettings = changes?.some(({ kind }) => kind === "settings") ?? true;
    const touching = hasNewSettings ? undefined : changes?.filter(({ kind }) => KINDS.has(kind));
    if (touching?.length === 0) return;
    this.#generation++;
    if (touching === undefined) {
      this.#entries.clear();
      this.#roles.clear();
      return;
    }
    const ids = new Set(touching.map(({ rowId }) => rowId));
    for (const [key, { principal }] of this.#entries) {
      if (principal === null || identifiers(principal).some((id) => ids.has(id)))
        this.#entries.delete(key);
    }
    for (const key of this.#roles.keys())
      if (ids.has(key.slice(0, key.indexOf(" ")))) this.#roles.delete(key);
  }
}

const identifiers = (principal: Principal): string[] => [
  principal.userId,
  principal.kind === "user" ? principal.sessionId : principal.keyId,
];

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= ENTRIES_MAX) map.clear();
  map.set(key, value);
}
