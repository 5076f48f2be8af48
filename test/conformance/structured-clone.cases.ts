/** structuredClone and MessageChannel by the HTML standard: every type, cycles, transfers, refusals. */
import type { CaseTable } from "./outcomes.ts";

const kind = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const refusal = (run: () => unknown): string => {
  try {
    run();
    return "cloned";
  } catch (error) {
    return `${(error as Error).name} ${error instanceof DOMException ? error.code : ""}`;
  }
};
const copyOf = <T>(value: T): T => structuredClone(value);

const primitives: CaseTable = {
  "primitives stay what they are": () =>
    [undefined, null, true, 0, -0, Number.NaN, 1e300, "", "\ud800", "text"].map((value) =>
      Object.is(copyOf(value), value),
    ),
  "a bigint stays what it is": () => String(copyOf(2n ** 70n)),
  "wrapper objects keep their primitive": () =>
    [new Boolean(false), new Number(-0), new String("s"), Object(1n) as object].map((value) => {
      const copy = copyOf(value);
      return [kind(copy), typeof copy, JSON.stringify(copy) ?? "none", copy === value];
    }),
  "a symbol is refused": () => refusal(() => structuredClone(Symbol("s"))),
  "a Symbol object is refused": () => refusal(() => structuredClone(Object(Symbol("s")))),
  "a function is refused": () => [
    refusal(() => structuredClone(() => 1)),
    refusal(() => structuredClone(Event)),
  ],
};

const objects: CaseTable = {
  "own enumerable properties only": () => {
    const source = Object.create(
      { inherited: 1 },
      { hidden: { value: 2 }, seen: { value: 3, enumerable: true } },
    );
    source[Symbol("s")] = 4;
    return [
      Object.getOwnPropertyNames(copyOf(source)),
      Object.getOwnPropertySymbols(copyOf(source)).length,
    ];
  },
  "getters are read once": () => {
    let reads = 0;
    const copy = copyOf({
      get value() {
        return ++reads;
      },
    });
    return [copy.value, copy.value, reads, Object.getOwnPropertyDescriptor(copy, "value")];
  },
  "a getter may delete what comes after": () =>
    copyOf({
      get first() {
        delete (this as Record<string, unknown>)["second"];
        return 1;
      },
      second: 2,
    }),
  "an error in a getter comes out": () =>
    refusal(() =>
      structuredClone({
        get value() {
          throw new RangeError("mine");
        },
      }),
    ),
  "instances become plain objects": () => {
    class Point {
      x = 1;
      get length() {
        return 2;
      }
    }
    const copy = copyOf(new Point());
    return [Object.getPrototypeOf(copy) === Object.prototype, copy];
  },
  "a null prototype becomes Object.prototype": () =>
    Object.getPrototypeOf(copyOf(Object.assign(Object.create(null), { a: 1 }))) ===
    Object.prototype,
  "a __proto__ property stays a property": () => {
    const copy = copyOf(JSON.parse('{"__proto__": {"a": 1}}'));
    return [Object.getPrototypeOf(copy) === Object.prototype, Object.keys(copy)];
  },
  "a key order of integers and names": () => Object.keys(copyOf({ b: 1, 2: 1, a: 1, 1: 1 })),
  "sparse arrays keep their holes and properties": () => {
    const source: unknown[] = [1];
    source[2] = 3;
    source.length = 4;
    (source as unknown as Record<string, unknown>)["extra"] = "x";
    const copy = copyOf(source);
    return [copy.length, 1 in copy, 3 in copy, Object.keys(copy), Array.isArray(copy)];
  },
  "an array of a subclass": () => {
    class Mine extends Array {}
    return copyOf(Mine.from([1, 2])).constructor === Array;
  },
  "cycles and shared references": () => {
    const shared = { n: 1 };
    const source: Record<string, unknown> = { a: shared, b: shared, list: [shared] };
    source["self"] = source;
    const copy = copyOf(source);
    return [
      copy["self"] === copy,
      copy["a"] === copy["b"],
      (copy["list"] as unknown[])[0] === copy["a"],
      copy["a"] === shared,
    ];
  },
  "a chain of three thousand": () => {
    let head: { next: unknown } = { next: null };
    for (let i = 0; i < 3_000; i++) head = { next: head };
    let count = 0;
    for (let at: { next: unknown } | null = copyOf(head); at !== null; at = at.next as never)
      count++;
    return count;
  },
  "an arguments object": () =>
    (function (..._given: unknown[]) {
      return copyOf(arguments) as unknown;
    })(1, 2),
  "a toStringTag of one's own": () => copyOf({ [Symbol.toStringTag]: "Map", a: 1 }),
  "objects without a way to copy them": () =>
    [new WeakMap(), new WeakSet(), Promise.resolve(), new WeakRef({})].map((value) =>
      refusal(() => structuredClone(value)),
    ),
  "nothing is copied when a part is refused": () => {
    const buffer = new ArrayBuffer(4);
    return [
      refusal(() => structuredClone({ buffer, f() {} }, { transfer: [buffer] })),
      buffer.byteLength,
    ];
  },
};

const builtIns: CaseTable = {
  "dates, invalid ones too": () => [
    copyOf(new Date(5)).getTime(),
    Number.isNaN(copyOf(new Date(Number.NaN)).getTime()),
  ],
  "regular expressions lose lastIndex": () => {
    const source = /a(b)\/\n/giu;
    source.lastIndex = 3;
    const copy = copyOf(source);
    return [copy.source, copy.flags, copy.lastIndex, copyOf(/(?:)/).source];
  },
  "maps with objects as keys": () => {
    const key = { k: 1 };
    const source = new Map<unknown, unknown>([
      [key, key],
      ["self", null],
    ]);
    source.set("self", source);
    const copy = copyOf(source);
    const [[first, value]] = [...copy] as [[object, object]];
    return [
      copy.size,
      first === value,
      first === key,
      copy.get("self") === copy,
      [...copy.keys()].length,
    ];
  },
  "sets in their order": () => [...copyOf(new Set([3, 1, "x", 2]))],
  "a map that grows while it is read": () => {
    const source = new Map<unknown, unknown>();
    source.set("a", {
      get value() {
        source.set("late", 1);
        return 1;
      },
    });
    return copyOf(source).size;
  },
  "errors keep type and message": () =>
    [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((Type) => {
      const copy = copyOf(new Type("m"));
      return [copy.constructor === Type, copy.name, copy.message, kind(copy), Object.keys(copy)];
    }),
  "an error with a name of its own": () => {
    const source = new RangeError("m");
    source.name = "Custom";
    return [copyOf(source).name, copyOf(source).constructor === Error];
  },
  "an error whose name is one of the types": () => {
    const source = new Error("m");
    source.name = "TypeError";
    return copyOf(source).constructor === TypeError;
  },
  "an error of a subclass": () => {
    class Mine extends TypeError {
      extra = 1;
    }
    const copy = copyOf(new Mine("m"));
    return [copy.constructor === TypeError, "extra" in copy];
  },
  "an error without a message": () => Object.hasOwn(copyOf(new Error()), "message"),
  "a stack stays text": () => typeof copyOf(new Error("m")).stack,
  "a DOMException": () => {
    const copy = copyOf(new DOMException("m", "DataCloneError"));
    return [copy instanceof DOMException, copy.name, copy.message, copy.code];
  },
};

const binary: CaseTable = {
  "buffers are copied": () => {
    const source = new Uint8Array([1, 2, 3]).buffer;
    const copy = copyOf(source);
    new Uint8Array(source)[0] = 9;
    return [...new Uint8Array(copy)];
  },
  "every view keeps type, offset and length": () =>
    [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
      DataView,
    ].map((Type) => {
      const View = Type as Uint8ArrayConstructor;
      const copy = copyOf(new View(new ArrayBuffer(32), 8, 2));
      return [copy.constructor === View, copy.byteOffset, copy.byteLength, copy.buffer.byteLength];
    }),
  "views of one buffer share their copy": () => {
    const buffer = new ArrayBuffer(8);
    const copy = copyOf({ a: new Uint8Array(buffer), b: new Uint8Array(buffer, 4), buffer });
    return [copy.a.buffer === copy.b.buffer, copy.a.buffer === copy.buffer];
  },
  "resizable buffers stay resizable": () => {
    const copy = copyOf(new ArrayBuffer(2, { maxByteLength: 8 }));
    return [copy.byteLength, copy.resizable, copy.maxByteLength];
  },
  "a detached buffer is refused": () => {
    const buffer = new ArrayBuffer(2);
    structuredClone(buffer, { transfer: [buffer] });
    return [
      buffer.byteLength,
      buffer.detached,
      refusal(() => structuredClone(buffer)),
      refusal(() => structuredClone(1, { transfer: [buffer] })),
    ];
  },
  "a transfer moves the buffer and its views": () => {
    const source = new Uint8Array([1, 2, 3, 4]);
    const map = new Map<string, unknown>([
      ["view", source.subarray(1)],
      ["n", 1],
    ]);
    const copy = structuredClone(
      { source, map, buffer: source.buffer },
      { transfer: [source.buffer] },
    );
    const view = copy.map.get("view") as Uint8Array;
    return [
      [...copy.source],
      [...view],
      view.buffer === copy.buffer,
      source.length,
      source.buffer.detached,
      [...copy.map.keys()],
    ];
  },
  "a view outside of its buffer is refused": () =>
    [Uint8Array, DataView].map((View: new (buffer: ArrayBuffer, at: number) => ArrayBufferView) => {
      const buffer = new ArrayBuffer(16, { maxByteLength: 32 });
      const view = new View(buffer, 8);
      buffer.resize(0);
      return [
        refusal(() => structuredClone(view)),
        refusal(() => structuredClone(view, { transfer: [buffer] })),
      ];
    }),
  "views that follow their buffer": () =>
    [Uint16Array, DataView].map(
      (View: new (buffer: ArrayBuffer) => ArrayBufferView<ArrayBuffer>) => {
        const buffer = new ArrayBuffer(8, { maxByteLength: 32 });
        const view = new View(buffer);
        const copies = [structuredClone(view), structuredClone(view, { transfer: [buffer] })];
        return copies.map((copy) => {
          copy.buffer.resize(12);
          return copy.byteLength;
        });
      },
    ),
  "transferring without using": () => {
    const buffer = new ArrayBuffer(3);
    structuredClone(null, { transfer: [buffer] });
    return buffer.detached;
  },
  "twice in the list": () => {
    const buffer = new ArrayBuffer(3);
    return [refusal(() => structuredClone(1, { transfer: [buffer, buffer] })), buffer.detached];
  },
  "what cannot be transferred": () => [
    refusal(() => structuredClone(1, { transfer: [{}] })),
    refusal(() => structuredClone(1, { transfer: [new Uint8Array(1)] as never })),
    refusal(() => structuredClone(1, { transfer: [1] as never })),
    refusal(() => structuredClone(1, { transfer: 1 as never })),
  ],
  "without arguments": () => refusal(() => (structuredClone as () => unknown)()),
};

const platform: CaseTable = {
  "a Blob": async () => {
    const copy = copyOf(new Blob(["text"], { type: "text/x-mine" }));
    return [copy instanceof Blob, copy.type, await copy.text(), kind(copy)];
  },
  "a File": async () => {
    const copy = copyOf(new File(["text"], "n.txt", { type: "text/x-mine", lastModified: 7 }));
    return [copy instanceof File, copy.name, copy.lastModified, copy.type, await copy.text()];
  },
  "a stream is refused without being transferred": () =>
    refusal(() => structuredClone(new ReadableStream())),
  "a transferred stream goes on": async () => {
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue({ a: 1 });
        controller.close();
      },
    });
    const moved = structuredClone(source, { transfer: [source as never] });
    const reader = moved.getReader();
    return [source.locked, await reader.read(), (await reader.read()).done];
  },
  "a locked stream is not transferred": () => {
    const source = new ReadableStream();
    source.getReader();
    return refusal(() => structuredClone(source, { transfer: [source as never] }));
  },
};

const next = (port: MessagePort): Promise<MessageEvent> =>
  new Promise((resolve) => {
    port.onmessage = resolve;
  });

const channels: CaseTable = {
  "messages arrive in their order, each as a task": async () => {
    const { port1, port2 } = new MessageChannel();
    const log: string[] = [];
    const done = new Promise<void>((resolve) => {
      port2.onmessage = ({ data }) => {
        log.push(`m${data}`);
        queueMicrotask(() => log.push(`after ${data}`));
        if (data === 3) resolve();
      };
    });
    for (const n of [1, 2, 3]) port1.postMessage(n);
    log.push("sent");
    await done;
    await undefined;
    port1.close();
    return log;
  },
  "a message event": async () => {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage({ a: [1] });
    const event = await next(port2);
    port1.close();
    return [
      event.type,
      event.data,
      event instanceof MessageEvent,
      event.ports.length,
      event.isTrusted,
      event.target === port2,
    ];
  },
  "addEventListener needs start": async () => {
    const { port1, port2 } = new MessageChannel();
    const got: unknown[] = [];
    port2.addEventListener("message", ({ data }) => got.push(data));
    port1.postMessage(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const before = got.length;
    port2.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    port1.close();
    return [before, got];
  },
  "ports travel through ports": async () => {
    const outer = new MessageChannel();
    const inner = new MessageChannel();
    inner.port1.postMessage("early");
    outer.port1.postMessage(inner.port2, [inner.port2]);
    const { data, ports } = await next(outer.port2);
    inner.port1.postMessage("late");
    const got: unknown[] = [];
    await new Promise<void>((resolve) => {
      data.onmessage = (event: MessageEvent) => {
        got.push(event.data);
        if (got.length === 2) resolve();
      };
    });
    outer.port1.close();
    inner.port1.close();
    return [data === ports[0], data instanceof MessagePort, got];
  },
  "a port cannot carry itself": () => {
    const { port1 } = new MessageChannel();
    const answer = refusal(() => port1.postMessage(1, [port1]));
    port1.close();
    return answer;
  },
  "a port that is not transferred": () => {
    const { port1, port2 } = new MessageChannel();
    const answer = refusal(() => structuredClone(port2));
    port1.close();
    return answer;
  },
  "a closed port says nothing": async () => {
    const { port1, port2 } = new MessageChannel();
    const got: unknown[] = [];
    port2.onmessage = ({ data }) => got.push(data);
    port1.close();
    port1.postMessage(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return got;
  },
  "a closed or moved port cannot be transferred": () => {
    const [closed, moved] = [new MessageChannel().port1, new MessageChannel().port1];
    const answer = [refusal(() => structuredClone(moved, { transfer: [moved] }))];
    closed.close();
    for (const port of [closed, moved])
      answer.push(refusal(() => structuredClone(port, { transfer: [port] })));
    return answer;
  },
  "a stream and its side cannot both be transferred": () => {
    const [one, two, three] = [0, 1, 2].map(() => new TransformStream()) as [
      TransformStream,
      TransformStream,
      TransformStream,
    ];
    return [
      refusal(() => structuredClone(0, { transfer: [one, one.readable] as never })),
      refusal(() => structuredClone(0, { transfer: [two.readable, two] as never })),
      refusal(() => structuredClone(0, { transfer: [three.writable, three] as never })),
    ];
  },
  "a module's memory cannot be transferred": () => {
    const { buffer } = new WebAssembly.Memory({ initial: 1 });
    return [refusal(() => structuredClone(buffer, { transfer: [buffer] })), buffer.byteLength];
  },
  "postMessage refuses what cannot be cloned": () => {
    const { port1 } = new MessageChannel();
    const answer = [
      refusal(() => port1.postMessage(() => 1)),
      refusal(() => (port1 as never as { postMessage(): void }).postMessage()),
    ];
    port1.close();
    return answer;
  },
  constructors: () => [
    refusal(() => new MessagePort()),
    Object.keys(MessageChannel.prototype),
    kind(new MessageChannel()),
    MessageChannel.length,
  ],
};

export const cases: CaseTable = {
  ...primitives,
  ...objects,
  ...builtIns,
  ...binary,
  ...platform,
  ...channels,
};
