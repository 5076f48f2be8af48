/** Who calls the data plane, as the manager tells the orchestrator. */
import type { ScriptPrincipal } from "./execution.ts";
import type { HeaderReader } from "./http.ts";

export interface Caller {
  principal: ScriptPrincipal;
  /** AppInvoke: may this caller run scripts of the app whose access is `principal`? Rejects with a 503 AppError when the database is away. */
  mayInvoke(appId: string): Promise<boolean>;
}

export interface CallerResolution {
  /** Null for no credential, and for any that is not valid now. */
  caller: Caller | null;
  /** True when a credential was given and the database could not say in time whether it is valid. */
  fault: boolean;
}

/** Resolves a session token or API key of a request. Never rejects; answers at once where there is no credential. */
export interface CallerResolver {
  resolve(headers: HeaderReader): CallerResolution | Promise<CallerResolution>;
}
