/** Writes the array that packed.ts describes. */
import type { PathPattern } from "./path-pattern.ts";
import {
  depthBit,
  ENTRY_DETAIL,
  ENTRY_METHOD,
  ENTRY_ROUTE,
  ENTRY_SIZE,
  EXACT,
  HAS_LITERALS,
  hashStart,
  hashStep,
  IS_LAST,
  IS_PARAM,
  IS_PREFIX,
  LEAD_DEPTHS,
  NO_NODES,
  OFFSET_MASK,
  OWNER,
  PARAM,
  PARAM_CHILD,
  PARAM_ROUTES,
  PARAM_SIZE,
  PREFIX,
  SLOT_MASK,
  slotOf,
  SLOTS,
  TEXT,
  TEXT_LENGTH,
  TEXT_MAX,
} from "./packed.ts";

interface Entry {
  /** With its flags. */
  method: number;
  route: number;
  detail: number;
}

interface ParamNode {
  /** Known once it is written. */
  offset: number;
  routes: Entry[];
  child: ParamNode | undefined;
  literals: Map<string, ParamNode> | undefined;
}

/** What follows one text that begins at the path's first slash. */
interface Lead {
  exact: Entry[] | undefined;
  param: ParamNode | undefined;
  prefix: Entry[] | undefined;
}

/** Which of an app's routes, and by which numbers it is known. */
export interface Numbered {
  method: number;
  route: number;
  shape: number;
}

const newParam = (): ParamNode => ({
  offset: 0,
  routes: [],
  child: undefined,
  literals: undefined,
});

/** The patterns of one host bucket, to be packed. */
export class BucketBuilder {
  /** By text, without the first slash. */
  readonly #leads = new Map<string, Lead>();
  #records = 0;
  #depths = 0;

  add(pattern: PathPattern, { method, route, shape }: Numbered): void {
    if (pattern.kind === "exact") {
      const lead = this.#lead(pattern.canonical.slice(1));
      (lead.exact ??= []).push({ method, route, detail: 0 });
      return;
    }
    const depth = pattern.leadingLiterals;
    this.#depths |= depthBit(depth);
    const lead = this.#lead(leadText(pattern));
    if (pattern.kind === "prefix") {
      (lead.prefix ??= []).push({ method: method | IS_PREFIX, route, detail: depth });
      return;
    }
    const node = this.#paramNode((lead.param ??= newParam()), pattern.segments.slice(depth + 1));
    node.routes.push({ method: method | IS_PARAM, route, detail: shape });
  }

  pack(): Int32Array {
    if (this.#records === 0) return NO_NODES;
    const writer = new Writer(this.#records);
    for (const [text, lead] of this.#leads) writer.lead(text, lead);
    return writer.finish(this.#depths);
  }

  #lead(text: string): Lead {
    let lead = this.#leads.get(text);
    if (lead !== undefined) return lead;
    this.#leads.set(text, (lead = { exact: undefined, param: undefined, prefix: undefined }));
    this.#records++;
    return lead;
  }

  #paramNode(first: ParamNode, segments: readonly Segment[]): ParamNode {
    let node = first;
    for (const segment of segments)
      node =
        "param" in segment ? (node.child ??= newParam()) : this.#literal(node, segment.literal);
    return node;
  }

  #literal(node: ParamNode, text: string): ParamNode {
    const literals = (node.literals ??= new Map<string, ParamNode>());
    let next = literals.get(text);
    if (next !== undefined) return next;
    literals.set(text, (next = newParam()));
    this.#records++;
    return next;
  }
}

type Segment = PathPattern["segments"][number];

/** The literal segments in front, as they stand in a path after its first slash. */
function leadText({ segments, leadingLiterals }: PathPattern): string {
  let text = "";
  for (let i = 0; i < leadingLiterals; i++) {
    const segment = segments[i];
    if (segment !== undefined && "literal" in segment)
      text += i === 0 ? segment.literal : `/${segment.literal}`;
  }
  return text;
}

/** Where buckets are written before they are copied out: one at a time. */
let scratch = new Int32Array(4096);

class Writer {
  readonly #mask: number;
  /** Hash and offset of every record, in turns. */
  readonly #records: number[] = [];
  #length: number;
  #textMax = 0;

  constructor(records: number) {
    let slots = 2;
    while (slots * 3 < records * 4) slots *= 2;
    this.#mask = slots - 1;
    this.#length = 0;
    this.#reserve(SLOTS + slots);
  }

  lead(text: string, lead: Lead): void {
    const at = this.#record(0, text);
    const exact = this.#chain(lead.exact);
    const prefix = this.#chain(lead.prefix);
    const param = this.#param(lead.param);
    scratch[at + EXACT] = exact;
    scratch[at + PREFIX] = prefix;
    scratch[at + PARAM] = param;
    this.#literals(lead.param);
  }

  finish(depths: number): Int32Array {
    const out = scratch.slice(0, this.#length);
    const offsets = (1 << (32 - Math.clz32(out.length))) - 1;
    out[SLOT_MASK] = this.#mask;
    out[OFFSET_MASK] = offsets;
    out[LEAD_DEPTHS] = depths;
    out[TEXT_MAX] = this.#textMax;
    for (let i = 0; i < this.#records.length; i += 2) {
      const [hash = 0, offset = 0] = [this.#records[i], this.#records[i + 1]];
      let slot = slotOf(hash, this.#mask);
      while (out[SLOTS + slot] !== 0) slot = (slot + 1) & this.#mask;
      out[SLOTS + slot] = (hash & ~offsets) | offset;
    }
    return out;
  }

  /** The offset of so many new integers, all 0. */
  #reserve(count: number): number {
    const offset = this.#length;
    this.#length += count;
    if (this.#length > scratch.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(scratch);
      scratch = larger;
    }
    scratch.fill(0, offset, this.#length);
    return offset;
  }

  #record(owner: number, text: string): number {
    const offset = this.#reserve(TEXT + ((text.length + 1) >> 1));
    scratch[offset + OWNER] = owner;
    scratch[offset + TEXT_LENGTH] = text.length;
    let hash = hashStart(owner);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      hash = hashStep(hash, code);
      const word = offset + TEXT + (i >> 1);
      scratch[word] = (scratch[word] ?? 0) | (code << ((i & 1) * 16));
    }
    this.#records.push(hash, offset);
    this.#textMax = Math.max(this.#textMax, text.length);
    return offset;
  }

  #chain(entries: readonly Entry[] | undefined): number {
    if (entries === undefined || entries.length === 0) return 0;
    const offset = this.#reserve(entries.length * ENTRY_SIZE);
    for (const [i, { method, route, detail }] of entries.entries()) {
      const at = offset + i * ENTRY_SIZE;
      scratch[at + ENTRY_METHOD] = i === entries.length - 1 ? method | IS_LAST : method;
      scratch[at + ENTRY_ROUTE] = route;
      scratch[at + ENTRY_DETAIL] = detail;
    }
    return offset;
  }

  /** A node and those that follow it by parameters alone. */
  #param(node: ParamNode | undefined): number {
    if (node === undefined) return 0;
    const offset = this.#reserve(PARAM_SIZE);
    node.offset = offset;
    const routes = this.#chain(node.routes);
    const child = this.#param(node.child);
    scratch[offset + PARAM_ROUTES] = routes;
    scratch[offset + PARAM_CHILD] = child;
    scratch[offset + HAS_LITERALS] = node.literals === undefined ? 0 : 1;
    return offset;
  }

  /** The records under those nodes. */
  #literals(first: ParamNode | undefined): void {
    for (let node = first; node !== undefined; node = node.child) {
      for (const [text, next] of node.literals ?? []) {
        const at = this.#record(node.offset, text);
        const follows = this.#param(next);
        scratch[at + EXACT] = follows;
        this.#literals(next);
      }
    }
  }
}
