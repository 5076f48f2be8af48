/** The pages under /admin. They are part of the executable and hold nothing secret. */
import { Hono } from "hono";
import index from "../../../dashboard/index.html" with { type: "text" };
import style from "../../../dashboard/style.css" with { type: "text" };

/** Bun's types know the import without the attribute, which is a bundle; with it, it is the text. */
const page = index as unknown as string;

const CSP =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const ASSETS: Readonly<Record<string, { body: string; type: string }>> = {
  "/admin": { body: page, type: "text/html; charset=utf-8" },
  "/admin/": { body: page, type: "text/html; charset=utf-8" },
  "/admin/style.css": { body: style, type: "text/css; charset=utf-8" },
};

export function createDashboard(): Hono {
  const app = new Hono();
  for (const [path, asset] of Object.entries(ASSETS)) {
    app.get(path, () => new Response(asset.body, { headers: headersFor(asset.type) }));
  }
  return app;
}

const headersFor = (type: string): Record<string, string> => ({
  "content-type": type,
  "content-security-policy": CSP,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-cache",
});
