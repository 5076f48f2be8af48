/** node:path, node:url, node:querystring and node:punycode: text only, no host calls of their own. */
import { defineModule, definePart } from "../registry.ts";
import { path } from "./path.ts";
import { punycode } from "./punycode.ts";
import { querystring } from "./querystring.ts";
import { url } from "./url.ts";

export const nodePath = { path, url };
export type NodePath = typeof nodePath;

definePart("node-path", nodePath);
for (const name of ["node:path", "node:path/posix", "node:path/win32"])
  defineModule(name, () => path);
defineModule("node:url", () => url);
defineModule("node:querystring", () => querystring);
defineModule("node:punycode", () => punycode);
