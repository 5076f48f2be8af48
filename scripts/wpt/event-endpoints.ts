/** What the tests of EventSource are answered. */
import type { Call } from "./call.ts";

const stream = (body: BodyInit): Response =>
  new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });

async function message({ query }: Call): Promise<Response> {
  await Bun.sleep(Number(query.get("sleep") ?? 0));
  const newline = query.get("newline") === "none" ? "" : "\n\n";
  return new Response(`${query.get("message") ?? "data: data"}${newline}\n`, {
    headers: { "content-type": query.get("mime") ?? "text/event-stream" },
  });
}

/** Data of one, of no and of another line, between comments and unknown fields; then again and again. */
function lines(): Response {
  const encoder = new TextEncoder();
  const once = "data:msg\ndata: msg\n\n:\nfield:x\n\nfield:x\nData:x\n\ndata\n\ndata:end\n\n";
  const body = async function* () {
    for (;;) {
      yield encoder.encode(once);
      await Bun.sleep(2_000);
    }
  };
  return stream(body as unknown as BodyInit);
}

function lastEventId({ request, query }: Call): Response {
  // Header values come as Latin-1, and the id is UTF-8.
  const last = Buffer.from(request.headers.get("last-event-id") ?? "", "latin1").toString("utf8");
  if (last !== "") return stream(`data: ${last}\n\n`);
  return stream(`id: ${query.get("idvalue") ?? "…"}\nretry: 200\ndata: hello\n\n`);
}

export const EVENT_ENDPOINTS = {
  "message.py": message,
  "message2.py": lines,
  "last-event-id.py": lastEventId,
};
