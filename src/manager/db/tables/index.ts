/** All tables, for drizzle-kit and the drift test. */
export * from "./api-keys.ts";
export * from "./apps.ts";
export * from "./executions.ts";
export * from "./identity.ts";
export * from "./instance.ts";
export * from "./scripts.ts";
