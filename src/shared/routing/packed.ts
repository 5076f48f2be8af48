/**
 * The routes of one host bucket as one array of integers: a lookup reads a few neighbouring lines of memory
 * and no objects. Written by pack.ts, read by match-path.ts.
 *
 *     header, slots, then records, param nodes and chains as they come; an offset of 0 means "none"
 *
 * A slot is a record's offset, and above it as many bits of its hash as there is room for. A record is a
 * literal text and what follows it; a chain is the routes of one pattern, entries in a row.
 */

/** The header: how many slots there are, less one; which bits of a slot are the offset. */
export const SLOT_MASK = 0;
export const OFFSET_MASK = 1;
/** Bit n: a param or prefix pattern has n literal segments in front. The last bit is for all deeper ones. */
export const LEAD_DEPTHS = 2;
/** The longest text of a record. */
export const TEXT_MAX = 3;
export const SLOTS = 4;

/** A record: the param node that it stands under, or 0 for a text that begins at the path's first slash. */
export const OWNER = 0;
export const TEXT_LENGTH = 1;
/** The routes whose path is the text. Under a param node instead: the param node that follows. */
export const EXACT = 2;
/** The param node of the patterns that go on with a parameter. */
export const PARAM = 3;
/** The prefixes that go on with `*`. */
export const PREFIX = 4;
/** Two code units an integer. */
export const TEXT = 5;

/** A param node, what follows a pattern's parameter: the routes that end here, another parameter, any literals. */
export const PARAM_ROUTES = 0;
export const PARAM_CHILD = 1;
export const HAS_LITERALS = 2;
export const PARAM_SIZE = 3;

/** An entry of a chain: method and flags; which of the app's routes; for a param route which shape, for a prefix how deep. */
export const ENTRY_METHOD = 0;
export const ENTRY_ROUTE = 1;
export const ENTRY_DETAIL = 2;
export const ENTRY_SIZE = 3;
export const METHOD_BITS = 0xff_ffff;
export const IS_LAST = 1 << 24;
export const IS_PARAM = 1 << 25;
export const IS_PREFIX = 1 << 26;

export const DEPTH_MAX = 64;
export const depthBit = (depth: number): number => 1 << (depth < 31 ? depth : 31);

/** A bucket without routes. */
export const NO_NODES = Int32Array.of(0, 0, 0, 0, 0);

export const METHOD_ANY = 0;
export const METHOD_GET = 1;
export const METHOD_HEAD = 2;
/** What no route has. */
export const METHOD_NONE = METHOD_BITS - 1;
const NUMBERS = new Map(
  ["*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((name, i) => [name, i]),
);
/** The first number for methods of an app's own. */
export const METHOD_OWN = NUMBERS.size;
export const methodNumber = (method: string): number | undefined =>
  method === "GET" ? METHOD_GET : NUMBERS.get(method);

/** Differs in every process, so that nobody can prepare texts that share a slot. */
export const HASH_SEED = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;

export const hashStep = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193);

/** Where hashes of texts under one param node begin; 0 for none. */
export const hashStart = (owner: number): number =>
  owner === 0 ? HASH_SEED : Math.imul(HASH_SEED ^ owner, 0x9e3779b1);

export const slotOf = (hash: number, mask: number): number => (hash ^ (hash >>> 15)) & mask;
