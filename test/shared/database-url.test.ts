import { expect, test } from "bun:test";
import { databaseTarget, socketDatabaseUrl } from "../../src/shared/database-url.ts";

test("databaseTarget() turns libpq's socket form into the driver's path", () => {
  const url = socketDatabaseUrl("me", "things", "/run/a b");
  expect(databaseTarget(url)).toEqual({
    url: "postgres://me@localhost/things",
    options: { path: "/run/a b/.s.PGSQL.5432" },
  });
  expect(databaseTarget("postgres://me@localhost:77/x?host=/s").options.path).toBe(
    "/s/.s.PGSQL.77",
  );
});

test("databaseTarget() leaves every other URL as it is", () => {
  for (const url of ["postgres://u:p@db:5433/x?sslmode=require", "postgres://a,b/x?host=db"])
    expect(databaseTarget(url)).toEqual({ url, options: {} });
});
