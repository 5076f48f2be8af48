/** The same handler under Deno: one warm isolate that all requests share. */
declare const Deno: {
  args: string[];
  serve(options: object, handler: (request: Request) => Response | Promise<Response>): unknown;
};

const [file = "hello.js"] = Deno.args;
const { default: handler } = (await import(
  new URL(`../scripts/${file}`, import.meta.url).href
)) as {
  default: { fetch(request: Request): Response | Promise<Response> };
};
Deno.serve(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }: { port: number }) => console.log(`listening ${port}`),
  },
  (request) => handler.fetch(request),
);
