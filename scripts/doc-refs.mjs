// `npm run docs`: every file that a README names exists.
import { existsSync, readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { root } from "./lib/install.mjs";

const REFERENCE =
  /(?:`|\]\()((?:\.{0,2}\/)?(?:src|test|scripts|bench|migrations|dashboard)\/[\w./-]+)(?:`|\))/g;

const pages = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
});
const missing = [];
for (const page of pages.split("\n").filter(Boolean)) {
  for (const [, reference] of readFileSync(path.join(root, page), "utf8").matchAll(REFERENCE)) {
    const places = [path.resolve(root, path.dirname(page), reference), path.join(root, reference)];
    if (!places.some((place) => existsSync(place))) missing.push(`${page} names ${reference}`);
  }
}
for (const line of missing) process.stdout.write(`${line}, which does not exist\n`);
process.exitCode = missing.length > 0 ? 1 : 0;
