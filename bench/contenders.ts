/** Who takes part, and how each is started: every one prints "listening PORT". */
import { join } from "node:path";
import { workerdConfig } from "./workerd-config.ts";

export interface Contender {
  name: string;
  command(scriptFile: string): Promise<string[]> | string[];
}

const here = (file: string): string => join(import.meta.dir, "contenders", file);
const tool = (name: string): string => join(import.meta.dir, "../node_modules/.bin", name);

export const contenders: readonly Contender[] = [
  {
    name: "picloud",
    command: (file) => [process.execPath, here("picloud.ts"), "fresh", file, "1"],
  },
  {
    name: "picloud-2",
    command: (file) => [process.execPath, here("picloud.ts"), "fresh", file, "2"],
  },
  {
    name: "picloud-reuse",
    command: (file) => [process.execPath, here("picloud.ts"), "reuse", file, "1"],
  },
  {
    name: "platform",
    command: (file) => [process.execPath, here("platform.ts"), "fresh", file],
  },
  {
    name: "platform-reuse",
    command: (file) => [process.execPath, here("platform.ts"), "reuse", file],
  },
  {
    name: "workerd",
    command: async (file) => [tool("workerd"), "serve", await workerdConfig(file)],
  },
  {
    name: "deno",
    command: (file) => [tool("deno"), "run", "--no-config", "-A", here("deno-serve.ts"), file],
  },
  { name: "bun-serve", command: (file) => [process.execPath, here("bun-serve.ts"), file] },
  { name: "library", command: (file) => [process.execPath, here("library.ts"), file] },
];
