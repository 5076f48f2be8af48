/** The QuickJS library's own sandbox for each request, as its documentation shows it. */
import { join } from "node:path";
import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { loadQuickJs } from "@sebastianwessel/quickjs";

const [file = "hello.js"] = process.argv.slice(2);
const source = await Bun.file(join(import.meta.dir, "../scripts", file)).text();
const { runSandboxed } = await loadQuickJs(variant);

// The library has no Request: the handler gets an object with its url.
const body = `${source.replace("export default {", "const app = {")}
export default app.fetch({ url: env.url });`;
const shim =
  "class Response { constructor(body) { this.body = body } static json(value) { return JSON.stringify(value) } }\n";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const result = await runSandboxed(async ({ evalCode }) => evalCode(shim + body), {
      env: { url: request.url },
    });
    if (!result.ok) return new Response(JSON.stringify(result), { status: 502 });
    return new Response(String(result.data), { headers: { "content-type": "application/json" } });
  },
});
console.log(`listening ${server.port}`);
