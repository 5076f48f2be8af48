/** Random object graphs through structuredClone: types, cycles, shared parts, transfers. */
import type { CaseTable } from "./outcomes.ts";

type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

interface Graph {
  nodes: object[];
  buffers: ArrayBuffer[];
}

const LEAVES: ((n: number) => unknown)[] = [
  (n) => n,
  (n) => -n / 3,
  (n) => `text ${n}`,
  () => null,
  () => undefined,
  (n) => BigInt(n) ** 9n,
  (n) => n % 2 === 0,
];
const VIEWS = [Uint8Array, Int16Array, Float64Array, DataView] as const;

function makeNode(random: Random, graph: Graph): object {
  const n = random(1000);
  switch (random(12)) {
    case 0:
      return new Map();
    case 1:
      return new Set();
    case 2:
      return new Date(n);
    case 3:
      return new RegExp(`a{${n}}`, n % 2 === 0 ? "gi" : "u");
    case 4:
      return Object.assign(new RangeError(`message ${n}`), { extra: n });
    case 5: {
      const buffer = new ArrayBuffer(16);
      new Uint8Array(buffer).fill(n);
      graph.buffers.push(buffer);
      return buffer;
    }
    case 6: {
      const View = VIEWS[random(VIEWS.length)] as typeof Uint8Array;
      const buffer = graph.buffers[random(graph.buffers.length)] ?? new ArrayBuffer(16);
      return new View(buffer, 8, 1);
    }
    case 7:
      return Object(LEAVES[random(3)]?.(n)) as object;
    case 8:
    case 9:
      return [];
    default:
      return {};
  }
}

/** Puts values and other nodes into a node, where its type has places for them. */
function fill(random: Random, node: object, nodes: object[]): void {
  const pick = (): unknown =>
    random(2) === 0 ? nodes[random(nodes.length)] : LEAVES[random(LEAVES.length)]?.(random(50));
  const count = random(4);
  for (let i = 0; i < count; i++) {
    if (node instanceof Map) node.set(pick(), pick());
    else if (node instanceof Set) node.add(pick());
    else if (Array.isArray(node)) node[random(6)] = pick();
    else if (Object.getPrototypeOf(node) === Object.prototype)
      (node as Record<string, unknown>)[`key${random(5)}`] = pick();
    else if (node instanceof Error) node.cause = pick();
  }
}

/** Text of a graph in which each object has a number, so that shared parts show. */
function describe(root: unknown): string {
  const seen = new Map<object, number>();
  const text = (value: unknown): string => {
    if (typeof value !== "object" || value === null) return `${typeof value}:${String(value)}`;
    const known = seen.get(value);
    if (known !== undefined) return `#${known}`;
    seen.set(value, seen.size);
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    const list = (items: Iterable<unknown>): string => [...items].map(text).join(",");
    if (value instanceof Map) return `Map(${list([...value].flat())})`;
    if (value instanceof Set) return `Set(${list(value)})`;
    if (value instanceof Date) return `Date(${value.getTime()})`;
    if (value instanceof RegExp) return `RegExp(${String(value)})`;
    if (value instanceof Error)
      return `${value.name}(${value.message},${Object.keys(value).join()},${"cause" in value ? text(value.cause) : ""})`;
    if (value instanceof ArrayBuffer) return `Buffer(${[...new Uint8Array(value)].join()})`;
    if (ArrayBuffer.isView(value))
      return `${kind}(${value.byteOffset},${value.byteLength},${text(value.buffer)})`;
    const entries = Object.entries(value).map(([key, item]) => `${key}=${text(item)}`);
    const length = Array.isArray(value) ? value.length : "";
    const primitive = ["Number", "String", "Boolean"].includes(kind)
      ? String((value as unknown as number).valueOf())
      : "";
    return `${kind}${length}${primitive}{${entries.join(",")}}`;
  };
  return text(root);
}

function cloneGraph(seed: number): unknown {
  const random = randomFrom(seed * 7919 + 1);
  const graph: Graph = { nodes: [], buffers: [] };
  const size = 1 + random(12);
  for (let i = 0; i < size; i++) graph.nodes.push(makeNode(random, graph));
  for (const node of graph.nodes) fill(random, node, graph.nodes);
  const transfer = random(3) === 0 ? graph.buffers.slice(0, 1) : [];
  const before = describe(graph.nodes);
  const copy = structuredClone(graph.nodes, { transfer });
  const shares = copy.some((node) => graph.nodes.includes(node));
  return [
    describe(copy),
    shares,
    transfer.map((buffer) => buffer.detached),
    describe(copy) === before,
  ];
}

export const cases: CaseTable = Object.fromEntries(
  Array.from({ length: 400 }, (_, seed) => [`graph ${seed}`, () => cloneGraph(seed)]),
);
