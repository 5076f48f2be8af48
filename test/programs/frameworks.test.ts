import { program } from "./program.ts";

program(
  "Hono with JSX, JWT, validation and middleware",
  `import { Hono } from "npm:hono@^4";
   import { jwt, sign } from "npm:hono@^4/jwt";
   import { validator } from "npm:hono@^4/validator";
   import { HTTPException } from "hono/http-exception";
   import { cors } from "hono/cors";
   import { etag } from "hono/etag";
   import { getCookie, setCookie } from "hono/cookie";
   import * as v from "npm:valibot";
   const app = new Hono().basePath("/api");
   const Page = (props: { name: string }) => <html><body><h1>{props.name}</h1></body></html>;
   app.use("*", cors(), etag());
   app.get("/page/:name", (c) => c.html(<Page name={c.req.param("name")} />));
   app.use("/private/*", jwt({ secret: "s3cret", alg: "HS256" }));
   app.get("/private/me", (c) => c.json(c.get("jwtPayload")));
   const User = v.object({ name: v.pipe(v.string(), v.minLength(2)), age: v.number() });
   app.post("/users", validator("json", (value, c) => {
     const parsed = v.safeParse(User, value);
     return parsed.success ? parsed.output : c.json({ issues: parsed.issues.length }, 400);
   }), (c) => c.json(c.req.valid("json"), 201));
   app.get("/cookie", (c) => { setCookie(c, "seen", "1", { httpOnly: true }); return c.text(getCookie(c, "old") ?? "none"); });
   app.onError((error, c) => error instanceof HTTPException ? error.getResponse() : c.text(error.message, 500));
   app.get("/boom", () => { throw new Error("boom") });
   const show = async (r: Response) => [r.status, await r.text()];
   export default (async () => {
     const token = await sign({ sub: "ada" }, "s3cret", "HS256");
     const json = (body: unknown) => ({ method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
     const cookie = await app.request("/api/cookie", { headers: { cookie: "old=yes" } });
     return [
       await show(await app.request("/api/page/Ada%20%3C")),
       await show(await app.request("/api/private/me")),
       await show(await app.request("/api/private/me", { headers: { authorization: "Bearer " + token } })),
       await show(await app.request("/api/users", json({ name: "A", age: 1 }))),
       await show(await app.request("/api/users", json({ name: "Ada", age: 36 }))),
       await show(await app.request("/api/boom")),
       await show(await app.request("/api/none")),
       [await cookie.text(), cookie.headers.get("set-cookie")],
     ];
   })();`,
  [
    [200, "<html><body><h1>Ada &lt;</h1></body></html>"],
    [401, "Unauthorized"],
    [200, '{"sub":"ada"}'],
    [400, '{"issues":1}'],
    [201, '{"name":"Ada","age":36}'],
    [500, "boom"],
    [404, "404 Not Found"],
    ["yes", "seen=1; Path=/; HttpOnly"],
  ],
);

program(
  "itty-router",
  `import { AutoRouter, error, json } from "npm:itty-router";
   const router = AutoRouter();
   router.get("/todos/:id", ({ params }) => ({ id: params.id })).get("/fail", () => error(418, "teapot")).all("*", () => error(404));
   export default (async () => {
     const ask = async (path: string) => { const r = await router.fetch(new Request("http://x.test" + path)); return [r.status, await r.json()] };
     return [await ask("/todos/7?q=1"), await ask("/fail"), await ask("/nope")];
   })();`,
  [
    [200, { id: "7" }],
    [418, { status: 418, error: "teapot" }],
    [404, { status: 404, error: "Not Found" }],
  ],
);

program(
  "a tRPC fetch handler",
  `import { initTRPC } from "npm:@trpc/server";
   import { fetchRequestHandler } from "npm:@trpc/server/adapters/fetch";
   import { z } from "npm:zod";
   const t = initTRPC.create();
   const router = t.router({ hello: t.procedure.input(z.object({ name: z.string() })).query(({ input }) => "hello " + input.name) });
   const ask = async (input: unknown) => {
     const req = new Request("http://x.test/trpc/hello?input=" + encodeURIComponent(JSON.stringify(input)));
     const res = await fetchRequestHandler({ endpoint: "/trpc", req, router, createContext: () => ({}) });
     const body = await res.json() as any;
     return [res.status, body.result?.data ?? body.error.data.code];
   };
   export default (async () => [await ask({ name: "Ada" }), await ask({ name: 1 })])();`,
  [
    [200, "hello Ada"],
    [400, "BAD_REQUEST"],
  ],
);
