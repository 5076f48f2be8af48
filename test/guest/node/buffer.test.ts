import { join } from "node:path";
import { cases } from "./buffer.cases.ts";
import { compareWithDeno } from "./compare.ts";

compareWithDeno(join(import.meta.dir, "buffer.cases.ts"), Object.keys(cases));
