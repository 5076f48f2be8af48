import { program } from "./program.ts";

program(
  "zod parses, refines and reports",
  `import { z } from "npm:zod";
   const User = z.object({ email: z.email(), tags: z.array(z.string()).default([]), born: z.coerce.date() }).refine((u) => u.born.getFullYear() > 1900, "too old");
   const bad = User.safeParse({ email: "x", born: "1990-01-01" });
   export default [User.parse({ email: "a@b.co", born: "1990-01-01" }), bad.success ? [] : bad.error.issues.map((i) => i.path.join(".") + " " + i.code)];`,
  [{ email: "a@b.co", tags: [], born: "1990-01-01T00:00:00.000Z" }, ["email invalid_format"]],
);

program(
  "valibot with pipes and async",
  `import * as v from "npm:valibot";
   const Schema = v.pipeAsync(v.object({ n: v.pipe(v.string(), v.transform(Number), v.integer()) }), v.checkAsync(async (x) => x.n > 1, "small"));
   export default (async () => [(await v.parseAsync(Schema, { n: "42" })), v.flatten((await v.safeParseAsync(Schema, { n: "1" })).issues!)])();`,
  [{ n: 42 }, { root: ["small"] }],
);

program(
  "jose signs, verifies and encrypts",
  `import * as jose from "npm:jose";
   export default (async () => {
     const secret = new TextEncoder().encode("a secret that is long enough for HS256!!");
     const jwt = await new jose.SignJWT({ role: "admin" }).setProtectedHeader({ alg: "HS256" }).setIssuer("me").setExpirationTime("2h").sign(secret);
     const { payload } = await jose.jwtVerify(jwt, secret, { issuer: "me" });
     const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
     const es = await new jose.CompactSign(new TextEncoder().encode("x")).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
     const seen = await jose.compactVerify(es, publicKey);
     const jwe = await new jose.CompactEncrypt(new TextEncoder().encode("hidden")).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(secret.slice(0, 32));
     const open = await jose.compactDecrypt(jwe, secret.slice(0, 32));
     let forged = "";
     try { await jose.jwtVerify(jwt.slice(0, -3) + "abc", secret) } catch (e: any) { forged = e.code }
     return [payload.role, new TextDecoder().decode(seen.payload), new TextDecoder().decode(open.plaintext), forged];
   })();`,
  ["admin", "x", "hidden", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"],
);

program(
  "graphql-js executes and validates",
  `import { buildSchema, graphql } from "npm:graphql";
   const schema = buildSchema("type Query { hello(name: String!): String, list: [Item] } type Item { id: ID }");
   const rootValue = { hello: ({ name }: { name: string }) => "hi " + name, list: async () => [{ id: 1 }, { id: 2 }] };
   export default (async () => {
     const good = await graphql({ schema, rootValue, source: '{ hello(name: "Ada") list { id } }' });
     const bad = await graphql({ schema, rootValue, source: "{ nope }" });
     return [good.data, bad.errors?.[0]?.message];
   })();`,
  [
    { hello: "hi Ada", list: [{ id: "1" }, { id: "2" }] },
    'Cannot query field "nope" on type "Query".',
  ],
);

program(
  "new Function and eval, for template compilers",
  `const add = new Function("a", "b", "return a + b"); export default [add(1, 2), eval("1 + 1"), (0, eval)("typeof globalThis")];`,
  [3, 2, "object"],
);

program(
  "several files, JSON, text, an import map and a class with decorators",
  `import { greet } from "@/greet.ts"; import data from "./data.json" with { type: "json" }; import text from "./note.md";
   const seen: string[] = [];
   function logged(_value: unknown, context: ClassMethodDecoratorContext) { seen.push(String(context.name)) }
   class Service { @logged run() { return greet(data.name) } }
   export default [new Service().run(), text, seen];`,
  ["hello Ada", "# note", ["run"]],
  {
    "lib/greet.ts": "export const greet = (n: string) => Deno.env.get('GREETING') + ' ' + n",
    "data.json": '{"name":"Ada"}',
    "note.md": "# note",
    "deno.json": '{"imports":{"@/":"./lib/"}}',
  },
);

program(
  "files imported as text and as bytes, whatever they are",
  `import code from "./lib/code.ts" with { type: "text" };
   import bytes from "./note.md" with { type: "bytes" };
   import { value } from "./lib/code.ts?run";
   if (import.meta.resolve("./note.md") !== "file:///note.md" || import.meta.resolve("npm:x") !== "npm:x") throw new Error("resolve");
   export default [code, Array.from(bytes), (await import("./lib/../note.md", { with: { type: "text" } })).default, value];`,
  ["export const value = 1;", [35, 32, 195, 169], "# é", 1],
  { "lib/code.ts": "export const value = 1;", "note.md": "# é" },
);

program(
  "using and await using dispose in order, and suppressed errors are kept",
  `const order: string[] = [];
   const res = (name: string) => ({ [Symbol.dispose]() { order.push(name) } });
   const later = (name: string) => ({ async [Symbol.asyncDispose]() { await null; order.push(name); if (name === "bad") throw new Error("dispose") } });
   export default (async () => {
     { using a = res("a"), b = res("b"); order.push("body") }
     { await using c = later("c"); using d = res("d") }
     let kind = "";
     try { await using e = later("bad"); throw new Error("body") } catch (error: any) { kind = error.constructor.name + ":" + error.suppressed.message }
     const stack = new DisposableStack(); stack.use(res("s1")); stack.defer(() => order.push("s2")); stack.dispose();
     return [order, kind];
   })();`,
  [["body", "b", "a", "d", "c", "bad", "s2", "s1"], "SuppressedError:body"],
);

program(
  "experimentalDecorators with parameter decorators",
  `const seen: string[] = [];
   const Inject = (name: string) => (_t: object, _k: unknown, index: number) => { seen.push(name + index) };
   const Field = (target: object, key: string) => { seen.push(key) };
   const Sealed = (target: Function) => { seen.push(target.name) };
   const Twice = (_t: object, _k: string, d: PropertyDescriptor) => { const f = d.value; d.value = function (...a: unknown[]) { return f.apply(this, a) * 2 } };
   @Sealed class A { @Field x = 1; constructor(@Inject("dep") readonly dep: number) {} @Twice run() { return this.dep + this.x } }
   export default [new A(2).run(), seen];`,
  [6, ["x", "dep0", "A"]],
  { "deno.json": '{"compilerOptions":{"experimentalDecorators":true}}' },
);
