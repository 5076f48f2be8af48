import { runExecutorProcess } from "../../src/executor/process.ts";

process.exit(await runExecutorProcess());
