import { setDefaultTimeout } from "bun:test";

/** Starting a database takes a second, and on a loaded machine several; nothing waits this long when it works. */
setDefaultTimeout(30_000);
