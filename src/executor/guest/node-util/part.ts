/** node:util and node:assert. */
import { defineModule, definePart } from "../registry.ts";
import { assert, strict } from "./assert.ts";
import { isDeepEqual } from "./equality.ts";
import { types } from "./types.ts";
import { util } from "./util.ts";

export const nodeUtil = { util, assert, isDeepEqual };
export type NodeUtil = typeof nodeUtil;

definePart("node-util", nodeUtil);
defineModule("node:util", () => util);
defineModule("node:sys", () => util);
defineModule("node:util/types", () => types);
defineModule("node:assert", () => assert);
defineModule("node:assert/strict", () => strict);
