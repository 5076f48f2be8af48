import { join } from "node:path";
import { compareWithDeno } from "./compare.ts";
import { cases } from "./modules.cases.ts";

compareWithDeno(join(import.meta.dir, "modules.cases.ts"), Object.keys(cases));
