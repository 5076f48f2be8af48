import { join } from "node:path";
import { compareWithDeno } from "./compare.ts";
import { cases } from "./streams.cases.ts";

compareWithDeno(join(import.meta.dir, "streams.cases.ts"), Object.keys(cases));
