/** The projects that `pic init` can start from; `{{app}}` becomes the app's slug. */
import apiConfig from "./api/picloud.json.txt" with { type: "text" };
import apiMain from "./api/main.ts.txt" with { type: "text" };
import helloConfig from "./hello/picloud.json.txt" with { type: "text" };
import helloMain from "./hello/main.ts.txt" with { type: "text" };
import honoConfig from "./hono/picloud.json.txt" with { type: "text" };
import honoMain from "./hono/main.tsx.txt" with { type: "text" };
import sseConfig from "./sse/picloud.json.txt" with { type: "text" };
import sseMain from "./sse/main.ts.txt" with { type: "text" };
import staticConfig from "./static/picloud.json.txt" with { type: "text" };
import staticIndex from "./static/index.html.txt" with { type: "text" };
import staticMain from "./static/main.ts.txt" with { type: "text" };
import staticStyle from "./static/style.css.txt" with { type: "text" };
import websocketConfig from "./websocket/picloud.json.txt" with { type: "text" };
import websocketMain from "./websocket/main.ts.txt" with { type: "text" };

export const TEMPLATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  hello: { "picloud.json": helloConfig, "main.ts": helloMain },
  hono: { "picloud.json": honoConfig, "main.tsx": honoMain },
  api: { "picloud.json": apiConfig, "main.ts": apiMain },
  websocket: { "picloud.json": websocketConfig, "main.ts": websocketMain },
  sse: { "picloud.json": sseConfig, "main.ts": sseMain },
  static: {
    "picloud.json": staticConfig,
    "main.ts": staticMain,
    "public/index.html": staticIndex,
    "public/style.css": staticStyle,
  },
};
