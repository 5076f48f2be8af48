/** Entry of the builder process when the platform runs from source. */
import { runBuilderProcess } from "./process.ts";

process.exit(await runBuilderProcess());
