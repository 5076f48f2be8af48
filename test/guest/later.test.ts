import { expect, test } from "bun:test";
import { runInGuest } from "../support/guest-lab.ts";

/** Each is named in its error, with what to use until it is here. */
const USES: Readonly<Record<string, string>> = {
  "Deno.openKv": "Deno.openKv()",
  "Deno.cron": "Deno.cron('a', '* * * * *', () => {})",
  "Deno.KvU64": "new Deno.KvU64(1n)",
  "Deno.Command": "new Deno.Command('ls')",
  "Deno.writeFile": "Deno.writeFile('a', new Uint8Array())",
  "Deno.listen": "Deno.listen({ port: 1 })",
  "caches.open": "caches.open('a')",
  BroadcastChannel: "new BroadcastChannel('a')",
  invoke: "module('picloud').invoke('other')",
  on: "module('picloud').on('kv:set', {}, () => {})",
  "caches.default.match": "caches.default.match('http://a/')",
  "picloud:blob blob.put": "module('picloud:blob').blob.put('a')",
  "picloud:docs whatever": "module('picloud:docs').whatever()",
  "picloud:blob put": "module('picloud:blob').put('a')",
  "picloud:docs collection": "module('picloud:docs').collection('a')",
  "picloud:sql sql": "module('picloud:sql').sql`select 1`",
  "picloud:sql": "module('picloud:sql').default`select 1`",
};

test("what is not here yet throws an error that names it when it is used, and not before", async () => {
  const { result, error } = await runInGuest(`
    const module = globalThis[Symbol.for("picloud.module")];
    module("picloud:sql");
    const uses = [${Object.values(USES)
      .map((use) => `async () => ${use}`)
      .join(",")}];
    export default Promise.all(uses.map((use) => use().then(() => null, (error) => [error instanceof Deno.errors.NotSupported, error.message])));`);
  expect(error).toBeNull();
  for (const [i, name] of Object.keys(USES).entries()) {
    const [isNotSupported, message] = (result as [boolean, string][])[i] ?? [];
    expect({ name, isNotSupported }).toEqual({ name, isNotSupported: true });
    expect(message).toStartWith(`${name} `);
    expect(message).toContain("not available");
  }
});
