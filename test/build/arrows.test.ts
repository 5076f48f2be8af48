/** The arrows between folders, over every import as it resolves; the linter holds them while one writes. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import path from "node:path";

const src = path.resolve(import.meta.dir, "../../src");

/** Folder to the folders that it may import. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  builder: ["shared"],
  http: ["shared"],
  executor: ["shared"],
  orchestrator: ["executor", "shared"],
  services: ["shared"],
  manager: ["shared"],
  client: ["shared"],
  cli: ["client", "shared"],
  server: ["builder", "executor", "http", "orchestrator", "services", "manager", "shared"],
};
const WITH_DATABASE = new Set(["manager", "services", "server"]);

interface Import {
  file: string;
  folder: string;
  target: string;
}

function importsOfSource(): Import[] {
  const files = [...new Bun.Glob("*/**/*.ts").scanSync({ cwd: src })];
  return files.flatMap((file) => {
    const text = readFileSync(path.join(src, file), "utf8");
    const found = text.matchAll(
      /^(?:import|export)\s[^"';]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
    );
    const folder = file.split("/")[0] ?? "";
    return [...found].map(([, named, lazy]) => ({ file, folder, target: named ?? lazy ?? "" }));
  });
}

const imports = importsOfSource();

test("every folder has its arrows", () => {
  expect(
    [...new Set(imports.map(({ folder }) => folder))].filter((name) => !(name in ARROWS)),
  ).toEqual([]);
  expect(imports.length).toBeGreaterThan(300);
});

test("no import goes against the arrows", () => {
  const wrong = imports.filter(({ file, folder, target }) => {
    if (!target.startsWith(".")) return false;
    const resolved = path.relative(src, path.resolve(src, path.dirname(file), target));
    const other = resolved.split("/")[0] ?? "";
    if (other === "..") return false;
    return other !== folder && !(ARROWS[folder]?.includes(other) ?? false);
  });
  expect(wrong).toEqual([]);
});

test("only manager, services and server know the database", () => {
  const wrong = imports.filter(
    ({ folder, target }) =>
      /^(postgres|drizzle-orm)(\/|$)/.test(target) && !WITH_DATABASE.has(folder),
  );
  expect(wrong).toEqual([]);
});
