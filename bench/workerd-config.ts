/** A workerd configuration for one script on a free port. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Path of the configuration file; its first line names the port. */
export async function workerdConfig(scriptFile: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "picloud-bench-"));
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = probe;
  probe.stop(true);
  await Bun.write(
    join(directory, "script.js"),
    Bun.file(join(import.meta.dir, "scripts", scriptFile)),
  );
  const config = `# ${port}
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "script.js", esModule = embed "script.js")],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
  const file = join(directory, "config.capnp");
  await Bun.write(file, config);
  return file;
}
