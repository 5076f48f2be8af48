// What Node's own server makes of byte streams: a line of JSON in (pieces in base64), a line of JSON out.
import http from "node:http";
import readline from "node:readline";
import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";

const sights = new WeakMap();
const note = (request) => {
  const entry = {
    method: request.method,
    target: request.url,
    headers: request.rawHeaders,
    keepsAlive: true,
    body: "",
    isComplete: false,
  };
  sights.get(request.socket).requests.push(entry);
  return entry;
};

const server = http.createServer(
  { requireHostHeader: false, maxHeaderSize: 16 * 1024 },
  (request, response) => {
    const entry = note(request);
    entry.keepsAlive = response.shouldKeepAlive;
    request.on("data", (chunk) => (entry.body += chunk.toString("latin1")));
    request.on("error", () => undefined);
    request.on("end", () => {
      entry.isComplete = true;
      response.end("x");
    });
  },
);
const refuse = (socket, code) => (sights.get(socket).refusal ??= code);
server.maxHeadersCount = 0;
server.on("clientError", (error, socket) => refuse(socket, error.code));
server.on("checkExpectation", ({ socket }) => refuse(socket, "EXPECT"));
server.on("connect", (request) => {
  Object.assign(note(request), { isComplete: true, keepsAlive: false });
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const sight = { requests: [], refusal: null };
  sights.set(socket, sight);
  socket.on("error", () => undefined);
  server.emit("connection", socket);
  for (const piece of JSON.parse(line)) {
    if (!socket.destroyed) socket.push(Buffer.from(piece, "base64"));
    await turn();
  }
  for (let last = ""; last !== (last = JSON.stringify(sight));)
    for (let i = 0; i < 4; i++) await turn();
  process.stdout.write(`${JSON.stringify(sight)}\n`);
  socket.destroy();
}
process.exit(0);
