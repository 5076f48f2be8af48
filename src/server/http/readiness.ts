/** Whether this process can do its whole work now. */
export type PartState = "ok" | "unavailable";

export interface Readiness {
  ready: boolean;
  parts: { database: PartState; executor: PartState; migrations: PartState };
}

export interface ReadinessProbes {
  /** Rejects when the database does not answer. */
  pingDatabase(): Promise<unknown>;
  executorAnswers(): boolean;
  migrated(): Promise<boolean>;
}

/** A database that hangs is a database that is away. */
const PING_MS_MAX = 1_000;

export async function checkReadiness(probes: ReadinessProbes): Promise<Readiness> {
  const [database, migrated] = await Promise.all([
    withinBound(probes.pingDatabase().then(() => true)),
    withinBound(probes.migrated()),
  ]);
  const parts: Readiness["parts"] = {
    database: state(database),
    executor: state(probes.executorAnswers()),
    migrations: state(migrated),
  };
  return { ready: Object.values(parts).every((part) => part === "ok"), parts };
}

const state = (ok: boolean): PartState => (ok ? "ok" : "unavailable");

async function withinBound(work: Promise<boolean>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), PING_MS_MAX);
  const answered = work.catch(() => false);
  const result = await Promise.race([answered, late]);
  clearTimeout(timer);
  return result;
}
