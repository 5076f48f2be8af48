import { definePart } from "../registry.ts";
import { methods } from "./console-methods.ts";
import { describeArguments, formatAll, safeJson } from "./format.ts";
import { inspect } from "./inspect.ts";

export const inspection = { inspect, formatAll, describeArguments, safeJson, methods };

export type Inspection = typeof inspection;

definePart("inspect", inspection);
