/** What `picloud executor` runs. */
export { runExecutorProcess } from "./process/executor-process.ts";
