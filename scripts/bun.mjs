// `node scripts/bun.mjs ARGS`: installs what is missing, then runs the project's own bun with ARGS.
import { ensureInstalled, runBun } from "./lib/install.mjs";

ensureInstalled();
runBun(process.argv.slice(2));
