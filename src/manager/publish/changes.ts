/** What a write touched, as it travels to every process. */
export const CHANGE_KINDS = [
  /** An app was made, renamed or deleted, or its domains or routes changed. */
  "routing",
  /** A script has another live version, or is gone. `rowId` is the script. */
  "script",
  /** The app's variables. */
  "env",
  "egress",
  /** A user's role, password or state. `rowId` is the user. */
  "user",
  "session",
  /** An API key is gone. `rowId` is the key. */
  "api_key",
  /** A membership of the user `rowId`. */
  "member",
  "settings",
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface Change {
  kind: ChangeKind;
  appId?: string;
  rowId?: string;
}

export const CHANNEL = "picloud_changes";
