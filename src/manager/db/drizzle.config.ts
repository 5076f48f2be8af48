import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/manager/db/tables/index.ts",
  out: "./migrations",
});
