/** Egress rules in memory, for those who connect on behalf of scripts: no query per request, and none without the database. */
import type { Queryable } from "../db/connect.ts";
import { egressPolicies } from "../db/tables/apps.ts";
import type { Change } from "../publish/changes.ts";
import { readSettings } from "../settings/read-settings.ts";

/** Addresses, CIDRs, host names and `*.host`, lower-case. */
export interface EgressRules {
  allow: readonly string[];
  deny: readonly string[];
}

export interface EgressPolicy {
  app: EgressRules;
  instance: EgressRules;
}

const NO_RULES: EgressRules = { allow: [], deny: [] };

export class EgressRuleCache {
  readonly #db: Queryable;
  #apps: ReadonlyMap<string, EgressRules> = new Map();
  #instance: EgressRules = NO_RULES;
  /** Grows with each change; what was read at a lower one is not used any more. */
  #version = 0;
  #readVersion = -1;
  #reading: Promise<void> | undefined;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Rejects when rules have changed and the database cannot say to what: an old rule might allow too much. */
  rulesFor(appId: string): EgressPolicy | Promise<EgressPolicy> {
    return this.#readVersion === this.#version
      ? this.#pick(appId)
      : this.#catchUp().then(() => this.#pick(appId));
  }

  /** To be subscribed to the publisher's changes. */
  onChange(changes: readonly Change[] | null): void {
    if (changes === null || changes.some(({ kind }) => kind === "egress" || kind === "settings"))
      this.#version++;
  }

  #pick(appId: string): EgressPolicy {
    return { app: this.#apps.get(appId) ?? NO_RULES, instance: this.#instance };
  }

  async #catchUp(): Promise<void> {
    while (this.#readVersion !== this.#version) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    const version = this.#version;
    const [rows, settings] = await Promise.all([
      this.#db.select().from(egressPolicies),
      readSettings(this.#db),
    ]);
    this.#apps = new Map(rows.map(({ appId, allow, deny }) => [appId, { allow, deny }]));
    this.#instance = settings.egress;
    this.#readVersion = version;
  }
}
