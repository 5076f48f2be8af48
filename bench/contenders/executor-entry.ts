import { runExecutorProcess } from "../../src/executor/process/executor-process.ts";

process.exit(await runExecutorProcess());
