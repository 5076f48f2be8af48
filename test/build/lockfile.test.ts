import { expect, test } from "bun:test";
import lock from "../../package-lock.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const packages: Readonly<Record<string, Locked | undefined>> = lock.packages;

test("every optional package is in the lockfile, or npm ci refuses (node scripts/complete-lockfile.mjs)", () => {
  const wanted = Object.values(packages).flatMap((entry) =>
    Object.keys(entry?.optionalDependencies ?? {}),
  );
  const names = new Set(
    Object.keys(packages).map((place) => place.replace(/^.*node_modules\//, "")),
  );
  expect(wanted.length).toBeGreaterThan(50);
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});

test("every dependency is named by its exact version", () => {
  const groups = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies];
  const inexact = groups
    .flatMap((group) => Object.entries(group))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
  expect(inexact).toEqual([]);
});

test("the lockfile names no registry", () => {
  expect(JSON.stringify(lock)).not.toContain('"resolved"');
});
