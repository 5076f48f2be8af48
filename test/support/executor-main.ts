/** What the executor processes of tests run: nothing but the executor. */
import { runExecutorProcess } from "../../src/executor/process/executor-process.ts";

await runExecutorProcess();
