import { expect, test } from "bun:test";
import { runInGuest } from "../../support/guest-lab.ts";

const inGuest = async (body: string): Promise<unknown> => {
  const { result, error } = await runInGuest(`
    const get = (name) => globalThis[Symbol.for("picloud.module")]("node:" + name);
    const http = get("http"), zlib = get("zlib"), util = get("util"), { Buffer } = get("buffer");
    /** A class as it was written before the language had any. */
    const heir = (Parent) => {
      function Heir(...args) { Parent.call(this, ...args); this.mine = true; }
      util.inherits(Heir, Parent);
      return Heir;
    };
    export default (async () => { ${body} })();`);
  expect(error).toBeNull();
  return result;
};

test("every stream of node:zlib can be called for a subclass, and still be constructed and extended", async () => {
  const answer = await inGuest(`
    const names = ["Inflate", "Deflate", "Gzip", "Gunzip", "Unzip", "InflateRaw", "DeflateRaw", "BrotliCompress", "BrotliDecompress"];
    return names.map((name) => {
      const Parent = zlib[name], Heir = heir(Parent), old = new Heir({ level: 1 }), made = new Parent(), bare = Parent();
      const extended = new (class extends Parent {})();
      return [Parent.name, old.mine, old instanceof Parent, old.constructor === Heir, made.constructor === Parent,
        bare instanceof Parent, extended instanceof Parent, typeof old.write];
    });`);
  const names = ["Inflate", "Deflate", "Gzip", "Gunzip", "Unzip", "InflateRaw", "DeflateRaw"];
  expect(answer).toEqual(
    [...names, "BrotliCompress", "BrotliDecompress"].map((name) => [
      name,
      true,
      true,
      true,
      true,
      true,
      true,
      "function",
    ]),
  );
});

test("two streams of a subclass keep their data apart", async () => {
  const answer = await inGuest(`
    const Heir = heir(zlib.Gunzip);
    const text = (word) => new Promise((resolve, reject) => {
      const stream = new Heir();
      stream.on("data", (data) => resolve(data.toString())).on("error", reject);
      stream.end(zlib.gzipSync(word));
    });
    return Promise.all([text("one"), text("two")]);`);
  expect(answer).toEqual(["one", "two"]);
});

test("a package can drive a stream of node:zlib by its handle, piece by piece", async () => {
  const answer = await inGuest(`
    const stream = new (heir(zlib.Inflate))({ chunkSize: 64 });
    const input = zlib.deflateSync("x".repeat(150));
    const sizes = [];
    let left = input.length, room;
    do {
      stream._handle.writeSync(zlib.Z_FINISH, input, 0, left, stream._outBuffer, stream._outOffset, stream._chunkSize);
      [room, left] = stream._writeState;
      sizes.push(stream._chunkSize - room);
    } while (room === 0);
    return sizes;`);
  expect(answer).toEqual([64, 64, 22]);
});

test("what is not compressed data fails by the handle as it does otherwise", async () => {
  const answer = await inGuest(`
    try { new zlib.Inflate()._processChunk(Buffer.from("no data"), zlib.Z_FINISH); } catch (error) { return error.code; }`);
  expect(answer).toBe("Z_DATA_ERROR");
});

test("every class of node:http can be called for a subclass, and still be constructed and extended", async () => {
  const answer = await inGuest(`
    const target = "http://127.0.0.1:1/";
    const given = { ClientRequest: target, ServerResponse: { method: "GET" }, OutgoingMessage: { method: "GET" } };
    return ["IncomingMessage", "OutgoingMessage", "ServerResponse", "ClientRequest", "Agent", "Server"].map((name) => {
      const Parent = http[name], old = new (heir(Parent))(given[name]);
      const extended = new (class extends Parent {})(given[name]);
      return [name, old.mine, old instanceof Parent, extended instanceof Parent, typeof old.on];
    });`);
  expect(answer).toEqual(
    [
      "IncomingMessage",
      "OutgoingMessage",
      "ServerResponse",
      "ClientRequest",
      "Agent",
      "Server",
    ].map((name) => [name, true, true, true, "function"]),
  );
});

test("a response that a package makes for itself writes to the socket it assigns", async () => {
  const answer = await inGuest(`
    const Heir = heir(http.ServerResponse), response = new Heir({ method: "GET" });
    const written = [];
    response.assignSocket({ write: (chunk) => void written.push(chunk.toString()) });
    response.setHeader("x-a", "1");
    response.write("one ");
    const sent = response.headersSent;
    await new Promise((resolve) => response.end("two", resolve));
    return [sent, response.statusCode, ...written];`);
  expect(answer).toEqual([true, 200, "HTTP/1.1 200 OK\r\nx-a: 1\r\n\r\n", "one ", "two"]);
});

test("a request that a package makes for itself has the body that it pushes", async () => {
  const answer = await inGuest(`
    const request = new (heir(http.IncomingMessage))({ remoteAddress: "10.0.0.1" });
    Object.assign(request, { method: "POST", url: "/a", headers: { host: "h" } });
    request.push("body");
    request.push(null);
    let text = "";
    for await (const chunk of request) text += chunk;
    return [text, request.socket.remoteAddress, request.headers.host];`);
  expect(answer).toEqual(["body", "10.0.0.1", "h"]);
});

test("a writeHead that a package puts in place is asked before the first byte", async () => {
  const answer = await inGuest(`
    const response = new (heir(http.ServerResponse))({ method: "GET" }), { writeHead } = response;
    const written = [];
    response.assignSocket({ write: (chunk) => void written.push(chunk.toString()) });
    response.writeHead = function (...args) { this.setHeader("x-late", "1"); return writeHead.apply(this, args); };
    await new Promise((resolve) => response.end("x", resolve));
    return written;`);
  expect(answer).toEqual(["HTTP/1.1 200 OK\r\nx-late: 1\r\n\r\n", "x"]);
});

test("a TLS socket over a stream names the class of such sockets by its handle", async () => {
  const answer = await inGuest(`
    const { TLSSocket } = get("tls"), { PassThrough } = get("stream");
    const { constructor } = new TLSSocket(new PassThrough())._handle._parentWrap;
    return [typeof constructor, new constructor(new PassThrough()) instanceof TLSSocket, new TLSSocket()._handle ?? null];`);
  expect(answer).toEqual(["function", true, null]);
});
