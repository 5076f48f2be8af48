/** The resources of the HTTP contract, as the command line and the dashboard read them. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  [member: string]: unknown;
}

export interface User {
  id: string;
  username: string;
  email: string | null;
  instance_role: "owner" | "admin" | "member";
  is_active?: boolean;
  created_at?: string;
  last_login_at?: string | null;
}

export interface Session {
  token: string;
  expires_at: string;
  user: User;
}

export interface App {
  id: string;
  slug: string;
  name: string;
  description: string | null;
  created_at: string;
  my_role: string;
  slug_redirect?: string;
}

export interface Domain {
  id: string;
  host: string;
  kind: "strict" | "wildcard";
  created_at: string;
}

export interface Script {
  id: string;
  app_id: string;
  name: string;
  description: string | null;
  version: number;
  latest_version: number;
  instance: "fresh" | "reuse";
  access: "public" | "principal" | "internal";
  limits: Record<string, number>;
  created_at: string;
  updated_at: string;
  source?: string;
  files?: Files;
  entry?: string;
  static?: Record<string, string> | null;
}

/** Path to text, or to what is no text. */
export type Files = Record<string, string | { base64: string }>;

export interface ScriptVersion {
  version: number;
  created_at: string;
  created_by: string | null;
  size_bytes: number;
  checksum: string;
  source?: string;
  files?: Files;
}

export interface Route {
  id: string;
  script_id: string;
  method: string;
  path: string;
  path_kind: string;
  host_kind: string;
  host: string | null;
  host_param_name: string | null;
}

export interface Member {
  user_id: string;
  username: string;
  email: string | null;
  instance_role: string;
  is_active: boolean;
  role: string;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  app_id: string | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  raw_token?: string;
}

export interface EnvVariable {
  name: string;
  secret: boolean;
  value?: string;
  updated_at: string;
}

export interface Execution {
  id: string;
  script_id: string;
  version: number;
  invocation_type: string;
  outcome: string;
  status: number | null;
  method: string;
  path: string;
  started_at: string;
  duration_ms: number;
  cpu_ms: number;
  error: { name: string; message: string; stack?: string } | null;
  logs: { at: string; level: string; message: string; data?: unknown }[];
}

export interface VersionInfo {
  product: string;
  sdk: string;
  api: string;
  schema: string;
  wire: string;
  public_base_url: string | null;
}
