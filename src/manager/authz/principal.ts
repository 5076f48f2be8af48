/** The resolved caller. Both ways of proving who one is end here. */
import type { InstanceRole, Scope } from "./capabilities.ts";

interface PrincipalUser {
  userId: string;
  username: string;
  instanceRole: InstanceRole;
}

export interface SessionPrincipal extends PrincipalUser {
  kind: "user";
  sessionId: string;
  /** True where the instance asks for a second factor and the user has none: good for setting one up only. */
  lacksSecondFactor: boolean;
}

export interface KeyPrincipal extends PrincipalUser {
  kind: "api_key";
  keyId: string;
  keyName: string;
  scopes: readonly Scope[];
  /** The only app that the key is for, or null. */
  boundAppId: string | null;
}

export type Principal = SessionPrincipal | KeyPrincipal;
