/**
 * Finds the route of one host bucket; precedence in README.md. Nothing here allocates: paths are walked by
 * offsets, where `start` is where the next segment begins, and past the path's end there is no segment.
 */
import {
  DEPTH_MAX,
  depthBit,
  ENTRY_METHOD,
  ENTRY_SIZE,
  EXACT,
  HAS_LITERALS,
  hashStart,
  hashStep,
  IS_LAST,
  LEAD_DEPTHS,
  METHOD_ANY,
  METHOD_BITS,
  METHOD_GET,
  METHOD_HEAD,
  OFFSET_MASK,
  OWNER,
  PARAM,
  PARAM_CHILD,
  PARAM_ROUTES,
  PREFIX,
  SLOT_MASK,
  slotOf,
  SLOTS,
  TEXT,
  TEXT_LENGTH,
  TEXT_MAX,
} from "./packed.ts";

const SLASH = 47;

/** Of the path in hand: where the text of so many segments ends, and its hash. */
const ends = new Int32Array(DEPTH_MAX + 1);
const hashes = new Int32Array(DEPTH_MAX + 1);
let depthOfPath = 0;

const read = (nodes: Int32Array, at: number): number => nodes[at] ?? 0;

/** Fills `ends` and `hashes`; returns the hash of the whole. What is longer than any text needs no more looking. */
function scan(path: string, textMax: number): number {
  const end = Math.min(path.length, textMax + 2);
  let hash = hashStart(0);
  let depth = 0;
  ends[0] = 1;
  hashes[0] = hash;
  for (let i = 1; i < end; i++) {
    const code = path.charCodeAt(i);
    if (code === SLASH && depth < DEPTH_MAX) {
      depth++;
      ends[depth] = i;
      hashes[depth] = hash;
    }
    hash = hashStep(hash, code);
  }
  depthOfPath = depth;
  return hash;
}

/** The offset of the best route's entry, or 0. `path` in canonical form. */
export function findRoute(nodes: Int32Array, method: number, path: string): number {
  const hash = scan(path, read(nodes, TEXT_MAX));
  const whole = find(nodes, 0, hash, path, 1, path.length);
  const entry = whole === 0 ? 0 : pick(nodes, read(nodes, whole + EXACT), method);
  return entry === 0 && read(nodes, LEAD_DEPTHS) !== 0 ? findUnder(nodes, method, path) : entry;
}

/** The deepest text first, because more leading literals come first; under one text param before prefix. */
function findUnder(nodes: Int32Array, method: number, path: string): number {
  const depths = read(nodes, LEAD_DEPTHS);
  for (let depth = depthOfPath; depth >= 0; depth--) {
    if ((depths & depthBit(depth)) === 0) continue;
    const end = read(ends, depth);
    const lead = findLead(nodes, path, depth, end);
    if (lead === 0) continue;
    const start = depth === 0 ? 1 : end + 1;
    const byParam = findParam(nodes, read(nodes, lead + PARAM), method, path, start);
    if (byParam !== 0) return byParam;
    const byPrefix = pick(nodes, read(nodes, lead + PREFIX), method);
    if (byPrefix !== 0) return byPrefix;
  }
  return 0;
}

function findLead(nodes: Int32Array, path: string, depth: number, end: number): number {
  // An empty first segment has the text of no segment at all, and stands in no pattern.
  return depth > 0 && end === 1 ? 0 : find(nodes, 0, read(hashes, depth), path, 1, end);
}

/** The record of the text that stands in the path from `start` to `end`, or 0. */
function find(
  nodes: Int32Array,
  owner: number,
  hash: number,
  path: string,
  start: number,
  end: number,
): number {
  const mask = read(nodes, SLOT_MASK);
  const offsets = read(nodes, OFFSET_MASK);
  for (let at = slotOf(hash, mask); ; at = (at + 1) & mask) {
    const slot = read(nodes, SLOTS + at);
    if (slot === 0) return 0;
    if (((slot ^ hash) & ~offsets) !== 0) continue;
    const record = slot & offsets;
    if (
      read(nodes, record + OWNER) === owner &&
      read(nodes, record + TEXT_LENGTH) === end - start &&
      isText(nodes, record + TEXT, path, start, end)
    )
      return record;
  }
}

function isText(nodes: Int32Array, at: number, path: string, start: number, end: number): boolean {
  let word = at;
  let i = start;
  for (; i + 1 < end; i += 2, word++) {
    if (read(nodes, word) !== (path.charCodeAt(i) | (path.charCodeAt(i + 1) << 16))) return false;
  }
  return i >= end || read(nodes, word) === path.charCodeAt(i);
}

/** Of one pattern's routes the one for a method: its own name, then GET for HEAD, then `*`. */
function pick(nodes: Int32Array, chain: number, method: number): number {
  if (chain === 0) return 0;
  let best = 0;
  for (let entry = chain; ; entry += ENTRY_SIZE) {
    const rank = rankOf(nodes, entry, method);
    if (rank === 0) return entry;
    if (rank < rankOf(nodes, best, method)) best = entry;
    if ((read(nodes, entry + ENTRY_METHOD) & IS_LAST) !== 0) return best;
  }
}

/** How well a route's method fits; smaller is better. */
function rankOf(nodes: Int32Array, entry: number, method: number): number {
  if (entry === 0) return 3;
  const own = read(nodes, entry + ENTRY_METHOD) & METHOD_BITS;
  if (own === method) return 0;
  if (own === METHOD_ANY) return 2;
  return method === METHOD_HEAD && own === METHOD_GET ? 1 : 3;
}

function segmentEnd(path: string, start: number): number {
  const slash = path.indexOf("/", start);
  return slash === -1 ? path.length : slash;
}

/** What a node finds when its parameter captures the segment that begins at `start`. */
function findParam(
  nodes: Int32Array,
  node: number,
  method: number,
  path: string,
  start: number,
): number {
  if (node === 0) return 0;
  const end = segmentEnd(path, start);
  return end === start ? 0 : findAfter(nodes, node, method, path, end + 1);
}

function findAfter(
  nodes: Int32Array,
  node: number,
  method: number,
  path: string,
  start: number,
): number {
  if (start > path.length) return pick(nodes, read(nodes, node + PARAM_ROUTES), method);
  const literal = literalAfter(nodes, node, path, start);
  const a =
    literal === 0 ? 0 : findAfter(nodes, literal, method, path, segmentEnd(path, start) + 1);
  if (rankOf(nodes, a, method) === 0) return a;
  const b = findParam(nodes, read(nodes, node + PARAM_CHILD), method, path, start);
  return rankOf(nodes, b, method) < rankOf(nodes, a, method) ? b : a;
}

/** The node that follows when the segment is one of the literals that may stand here; or 0. */
function literalAfter(nodes: Int32Array, node: number, path: string, start: number): number {
  if (read(nodes, node + HAS_LITERALS) === 0) return 0;
  let hash = hashStart(node);
  let end = start;
  for (; end < path.length; end++) {
    const code = path.charCodeAt(end);
    if (code === SLASH) break;
    hash = hashStep(hash, code);
  }
  const record = find(nodes, node, hash, path, start, end);
  return record === 0 ? 0 : read(nodes, record + EXACT);
}

/** Calls `found` with every entry whose pattern the path matches, whatever the method. Off the hot path. */
export function eachEntry(nodes: Int32Array, path: string, found: (entry: number) => void): void {
  const hash = scan(path, read(nodes, TEXT_MAX));
  const whole = find(nodes, 0, hash, path, 1, path.length);
  if (whole !== 0) eachOf(nodes, read(nodes, whole + EXACT), found);
  if (read(nodes, LEAD_DEPTHS) === 0) return;
  for (let depth = depthOfPath; depth >= 0; depth--) {
    const end = read(ends, depth);
    const lead = findLead(nodes, path, depth, end);
    if (lead === 0) continue;
    const start = depth === 0 ? 1 : end + 1;
    eachParam(nodes, read(nodes, lead + PARAM), path, start, found);
    eachOf(nodes, read(nodes, lead + PREFIX), found);
  }
}

function eachOf(nodes: Int32Array, chain: number, found: (entry: number) => void): void {
  if (chain === 0) return;
  for (let entry = chain; ; entry += ENTRY_SIZE) {
    found(entry);
    if ((read(nodes, entry + ENTRY_METHOD) & IS_LAST) !== 0) return;
  }
}

function eachParam(
  nodes: Int32Array,
  node: number,
  path: string,
  start: number,
  found: (entry: number) => void,
): void {
  const end = segmentEnd(path, start);
  if (node !== 0 && end > start) eachAfter(nodes, node, path, end + 1, found);
}

function eachAfter(
  nodes: Int32Array,
  node: number,
  path: string,
  start: number,
  found: (entry: number) => void,
): void {
  if (start > path.length) {
    eachOf(nodes, read(nodes, node + PARAM_ROUTES), found);
    return;
  }
  const literal = literalAfter(nodes, node, path, start);
  if (literal !== 0) eachAfter(nodes, literal, path, segmentEnd(path, start) + 1, found);
  eachParam(nodes, read(nodes, node + PARAM_CHILD), path, start, found);
}
