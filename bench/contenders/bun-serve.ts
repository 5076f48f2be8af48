/** The ceiling: the same handler in Bun.serve itself, with no isolation at all. */
import { join } from "node:path";

const [file = "hello.js"] = process.argv.slice(2);
const { default: handler } = (await import(join(import.meta.dir, "../scripts", file))) as {
  default: { fetch(request: Request): Response | Promise<Response> };
};
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request) => handler.fetch(request),
});
console.log(`listening ${server.port}`);
