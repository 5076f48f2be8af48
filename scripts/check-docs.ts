/**
 * Fails when a Markdown file names a path of this repository that is not there: links, and code spans
 * that begin with one of our top-level folders.
 */
import { existsSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dir, "..");
const FOLDERS = /^(src|test|bench|scripts|migrations|dashboard|docs)\//;
const LINK = /(?<!`)\[[^\]`]*\]\(([^)\s#]+)(?:#[^)]*)?\)(?!`)/g;
const SPAN = /`([^`\s]+)`/g;

const tracked = Bun.spawnSync(
  ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
  { cwd: root },
);
const files = tracked.stdout
  .toString()
  .split("\n")
  .filter((name) => name !== "" && existsSync(path.join(root, name)));

const problems: string[] = [];
for (const file of files) {
  const text = await Bun.file(path.join(root, file)).text();
  const folder = path.dirname(file);
  for (const [, target = ""] of text.matchAll(LINK)) {
    if (/^[a-z]+:/.test(target)) continue;
    if (!existsSync(path.resolve(root, folder, target)))
      problems.push(`${file}: the link to ${target} leads nowhere`);
  }
  for (const [, span = ""] of text.matchAll(SPAN)) {
    if (!FOLDERS.test(span) || /[*{<(|$]/.test(span)) continue;
    const name = span.replace(/:\d+(-\d+)?$/, "");
    if (!existsSync(path.join(root, name)) && !existsSync(path.join(root, folder, name)))
      problems.push(`${file}: there is no ${name}`);
  }
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${files.length} Markdown files, ${problems.length} problems\n`);
process.exitCode = problems.length > 0 || files.length === 0 ? 1 : 0;
