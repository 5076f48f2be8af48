/** Column shapes that every table shares. */
import { customType, timestamp, uuid } from "drizzle-orm/pg-core";

/** UUIDv7, made by the application. */
export const idColumn = () => uuid("id").primaryKey();

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const createdAt = () => instant("created_at").notNull().defaultNow();
export const updatedAt = () => instant("updated_at").notNull().defaultNow();

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
});
