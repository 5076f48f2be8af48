import crypto, { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";
import net from "node:net";
import Stream, {
  Duplex,
  finished,
  PassThrough,
  pipeline,
  Readable,
  Transform,
  Writable,
} from "node:stream";
import { arrayBuffer, buffer, json, text } from "node:stream/consumers";
import { pipeline as pipe } from "node:stream/promises";
import { promisify } from "node:util";
import zlib from "node:zlib";

const attempt = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    return [(error as Error).name, (error as Error).message];
  }
};
const collect = async (stream: AsyncIterable<unknown>): Promise<string[]> => {
  const items: string[] = [];
  for await (const item of stream) items.push(String(item));
  return items;
};
const opened = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};
const key = Buffer.alloc(32, 7);
const iv = Buffer.alloc(16, 3);

export const cases: Record<string, () => unknown> = {
  "Readable.from, iteration and operators": async () => [
    await collect(Readable.from(["a", "b"])),
    await collect(
      Readable.from(
        (function* () {
          yield 1;
          yield 2;
        })(),
      ),
    ),
    await Readable.from([1, 2, 3, 4])
      .filter((x: number) => x % 2 === 0)
      .map((x: number) => x * 10)
      .toArray(),
    await Readable.from([1, 2, 3]).reduce((a: number, b: number) => a + b, 0),
    await Readable.from([1, 2, 3]).take(2).toArray(),
  ],
  "pipeline, transforms and errors": async () => {
    const upper = new Transform({
      transform(chunk, _encoding, callback) {
        callback(null, String(chunk).toUpperCase());
      },
    });
    const out: string[] = [];
    await pipe(
      Readable.from(["a", "b"]),
      upper,
      new Writable({
        write(chunk, _encoding, callback) {
          out.push(String(chunk));
          callback();
        },
      }),
    );
    const failing = async function* (): AsyncGenerator<string> {
      yield "x";
      throw new Error("source failed");
    };
    return [
      out,
      await attempt(() => pipe(Readable.from(failing()), new PassThrough().resume())),
      await new Promise((resolve) =>
        pipeline(Readable.from(["q"]), new PassThrough().resume(), (error) =>
          resolve(error ?? "fine"),
        ),
      ),
    ];
  },
  "events come in order": async () => {
    const seen: string[] = [];
    const stream = new Readable({ read() {} });
    for (const name of ["data", "end", "close", "readable"])
      if (name !== "readable")
        stream.on(name, (value) =>
          seen.push(`${name}:${value === undefined ? "" : String(value)}`),
        );
    stream.push("one");
    stream.push("two");
    stream.push(null);
    await new Promise((resolve) => stream.on("close", resolve));
    return [seen, stream.destroyed, stream.readableEnded];
  },
  "back-pressure": async () => {
    const slow = new Writable({
      highWaterMark: 3,
      write(_chunk, _encoding, callback) {
        setTimeout(() => callback(), 1);
      },
    });
    const first = [slow.write("ab"), slow.write("cd"), slow.writableLength, slow.writableNeedDrain];
    await new Promise((resolve) => slow.once("drain", resolve));
    return [first, slow.writableLength, slow.write("x")];
  },
  "setEncoding over split characters, objectMode, pause": async () => {
    const stream = new Readable({ read() {} }).setEncoding("utf8");
    stream.push(Buffer.from([0xe2, 0x82]));
    stream.push(Buffer.from([0xac, 0x41]));
    stream.push(null);
    const objects = Readable.from([{ a: 1 }, { a: 2 }]);
    objects.pause();
    return [(await collect(stream)).join(""), objects.isPaused(), (await objects.toArray()).length];
  },
  "Duplex, destroy, finished, inheritance": async () => {
    const duplex = new Duplex({
      read() {
        this.push("r");
        this.push(null);
      },
      write(_chunk, _encoding, callback) {
        callback();
      },
    });
    const read = await collect(duplex);
    const broken = new Readable({ read() {} });
    setTimeout(() => broken.destroy(new Error("gone")), 1);
    const why = await new Promise((resolve) =>
      finished(broken, (error) => resolve(error?.message)),
    );
    class Own extends Transform {
      override _transform(
        chunk: unknown,
        _encoding: unknown,
        callback: (error: null, chunk: unknown) => void,
      ): void {
        callback(null, `<${String(chunk)}>`);
      }
    }
    const own = new Own();
    own.end("x");
    return [
      read,
      why,
      await text(own),
      own instanceof Stream,
      new PassThrough() instanceof Readable,
      typeof Stream.Readable,
    ];
  },
  consumers: async () => [
    await text(Readable.from(["a", "€"])),
    await json(Readable.from(['{"a":', "1}"])),
    (await buffer(Readable.from([Buffer.from("x")]))).toString(),
    (await arrayBuffer(Readable.from([Buffer.from("xyz")]))).byteLength,
  ],
  "to the web's streams and back": async () => {
    const out = await new Response(
      Readable.toWeb(Readable.from([Buffer.from("a"), Buffer.from("b")])) as ReadableStream,
    ).text();
    const back = await text(Readable.fromWeb(new Response("web").body));
    const sunk: string[] = [];
    const writer = (
      Writable.toWeb(
        new Writable({
          write(chunk, _encoding, callback) {
            sunk.push(String(chunk));
            callback();
          },
        }),
      ) as WritableStream
    ).getWriter();
    await writer.write(Buffer.from("w"));
    await writer.close();
    return [out, back, sunk];
  },
  hashes: () => [
    ...["md5", "sha1", "sha256", "sha512", "sha3-256"].map((name) =>
      createHash(name).update("ab").update(Buffer.from("c")).digest("hex"),
    ),
    createHash("sha256").copy().digest("base64"),
    createHmac("sha256", "key").update("data").digest("base64url"),
    createHmac("sha512", key).update("é", "latin1").digest("hex"),
  ],
  "hashes: misuse and streams": async () => {
    const hash = createHash("sha1");
    hash.digest();
    const streamed = createHash("sha256");
    await pipe(Readable.from(["a", "bc"]), streamed);
    return [
      ((await attempt(() => hash.update("x"))) as string[])[0],
      ((await attempt(() => createHash("nope"))) as string[])[0],
      (streamed.read() as Buffer).toString("hex"),
    ];
  },
  ciphers: () =>
    ["aes-256-cbc", "aes-256-ctr", "aes-256-gcm"].map((name) => {
      const vector = name.endsWith("gcm") ? iv.subarray(0, 12) : iv;
      const cipher = createCipheriv(name, key, vector) as crypto.CipherGCM;
      const sealed =
        cipher.update("attack at ", "utf8", "hex") +
        cipher.update("dawn, not before", "utf8", "hex") +
        cipher.final("hex");
      const opener = createDecipheriv(name, key, vector) as crypto.DecipherGCM;
      if (name.endsWith("gcm")) opener.setAuthTag(cipher.getAuthTag());
      return [
        sealed,
        opener.update(sealed, "hex", "utf8") + opener.final("utf8"),
        name.endsWith("gcm") ? cipher.getAuthTag().toString("hex") : "",
      ];
    }),
  "ciphers: a forged message": async () => {
    const cipher = createCipheriv("aes-256-gcm", key, iv.subarray(0, 12)).setAAD(
      Buffer.from("header"),
    );
    const sealed = Buffer.concat([cipher.update("secret"), cipher.final()]);
    const opener = createDecipheriv("aes-256-gcm", key, iv.subarray(0, 12))
      .setAAD(Buffer.from("other"))
      .setAuthTag(cipher.getAuthTag());
    return opened(() => [opener.update(sealed), opener.final()]);
  },
  derivation: async () => [
    crypto.pbkdf2Sync("pass", "salt", 1000, 32, "sha256").toString("hex"),
    crypto.scryptSync("pass", "salt", 32).toString("hex"),
    Buffer.from(crypto.hkdfSync("sha256", "key", "salt", "info", 32)).toString("hex"),
    ((await promisify(crypto.scrypt)("pass", "salt", 16)) as Buffer).toString("hex"),
    (await promisify(crypto.pbkdf2)("pass", "salt", 10, 16, "sha512")).toString("hex"),
  ],
  "keys, signatures and sealed boxes": () => {
    const pair = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
    const rsa = crypto.generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const signature = crypto.createSign("SHA256").update("x").sign(pair.privateKey);
    const edwards = crypto.generateKeyPairSync("ed25519");
    return [
      crypto.createVerify("SHA256").update("x").verify(pair.publicKey, signature),
      crypto.createVerify("SHA256").update("y").verify(pair.publicKey, signature),
      pair.privateKey.asymmetricKeyType,
      pair.publicKey.export({ format: "jwk" }).kty,
      crypto.verify(
        "sha256",
        Buffer.from("m"),
        rsa.publicKey,
        crypto.sign("sha256", Buffer.from("m"), rsa.privateKey),
      ),
      crypto
        .privateDecrypt(rsa.privateKey, crypto.publicEncrypt(rsa.publicKey, Buffer.from("sealed")))
        .toString(),
      crypto.verify(
        null,
        Buffer.from("m"),
        edwards.publicKey,
        crypto.sign(null, Buffer.from("m"), edwards.privateKey),
      ),
      crypto.createSecretKey(Buffer.from("k")).export().toString(),
      crypto.createPublicKey(rsa.privateKey).export({ type: "spki", format: "pem" }) ===
        rsa.publicKey,
    ];
  },
  "random values": () => [
    crypto.randomBytes(8).length,
    crypto.randomUUID().length,
    crypto.randomInt(3) < 3,
    crypto.randomInt(5, 6),
    crypto.randomFillSync(new Uint8Array(4)).length,
    crypto.randomBytes(16).equals(crypto.randomBytes(16)),
    crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("a")),
    crypto.webcrypto === globalThis.crypto,
  ],
  zlib: async () => [
    zlib.gunzipSync(zlib.gzipSync("hello")).toString(),
    zlib.inflateSync(zlib.deflateSync(Buffer.from("x"))).toString(),
    zlib.inflateRawSync(zlib.deflateRawSync("raw")).toString(),
    zlib.brotliDecompressSync(zlib.brotliCompressSync("br")).toString(),
    zlib.unzipSync(zlib.deflateSync("auto")).toString(),
    (
      (await promisify(zlib.gunzip)((await promisify(zlib.gzip)("later")) as Buffer)) as Buffer
    ).toString(),
    await text(Readable.from(["st", "ream"]).pipe(zlib.createGzip()).pipe(zlib.createGunzip())),
    ((await attempt(() => zlib.gunzipSync("nope"))) as string[])[0],
    zlib.crc32("hello"),
    zlib.deflateRawSync("aaaaaaaaaa", { level: 9 }).toString("hex"),
  ],
  "the module is the old constructor, which may be called on a stream of another kind": () => {
    const own = Object.assign(Object.create(Stream.prototype) as object, { kept: 1 });
    (Stream as unknown as () => void).call(own);
    return [
      typeof (own as Stream).pipe,
      "_readableState" in own,
      (Stream as unknown) === Readable,
      (Stream as unknown as { Stream: unknown }).Stream === Stream,
    ];
  },
  "net.isIP": () =>
    [
      "1.2.3.4",
      "::1",
      "1.2.3",
      "fe80::1%eth0",
      "::ffff:1.2.3.4",
      "1.2.3.256",
      "",
      "::",
      "1::2::3",
      "12345::",
      "01.2.3.4",
      "a:b:c:d:e:f:0:1",
    ].map((address) => [net.isIP(address), net.isIPv4(address), net.isIPv6(address)]),
};
