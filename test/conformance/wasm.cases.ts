/** The JavaScript interface of WebAssembly. */
import type { CaseTable } from "./outcomes.ts";
import { errorCases } from "./wasm/errors.ts";
import { objectCases } from "./wasm/objects.ts";
import { valueCases } from "./wasm/values.ts";

export const cases: CaseTable = { ...valueCases, ...objectCases, ...errorCases };
