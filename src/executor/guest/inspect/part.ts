import { definePart } from "../registry.ts";
import { methods } from "./console-methods.ts";
import { describeArguments, formatAll, safeJson } from "./format.ts";
import { inspect, inspectAsNode } from "./inspect.ts";

export const inspection = {
  inspect,
  inspectAsNode,
  formatAll,
  describeArguments,
  safeJson,
  methods,
};

export type Inspection = typeof inspection;

definePart("inspect", inspection);
