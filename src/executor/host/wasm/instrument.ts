/**
 * Writes fuel checks into a module, so that no loop and no recursion of a script's module runs past the
 * script's limits. Everything is appended (a type, a table, a global, exports): no index changes.
 *
 * The check ends the module by a trap, as wasm can catch an exception but not a trap.
 */
import { Reader, UnknownForm, Writer } from "./bytes.ts";
import { blockType, isBulk, readInstruction } from "./instructions.ts";
import { readBounds, type Bounds, type ModuleShape, type Section } from "./module-shape.ts";

/** Names of the exports and imports that are added; no script sees them. */
export const HIDDEN = {
  fuel: "\0fuel",
  table: "\0check",
  start: "\0start",
  global: "\0global ",
  memory: "\0memory ",
  /** Where the module imports its own memories from. */
  module: "\0",
} as const;

/** Units between two looks at the clock; one is about 64 bytes of code. */
export const FUEL = 200_000;
const BYTES_PER_UNIT = 64;
export const PAGE_BYTES = 65_536;
const TABLE_MAX = 100_000;

export interface InstrumentLimits {
  memoryPages: number;
}

interface Added {
  type: number;
  table: number;
  global: number;
}

const EXTERN = { function: 0, table: 1, memory: 2, global: 3 } as const;
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const CREATED = new Set([1, 2, 4, 6, 7]);
export const NUMERIC = new Set(["i32", "i64", "f32", "f64"]);

function writeCheck(writer: Writer, { type, table, global }: Added, cost: number): void {
  writer.byte(0x23).u32(global).byte(0x41).s32(cost).byte(0x6b, 0x24).u32(global);
  writer.byte(0x23).u32(global).byte(0x41, 0x00, 0x48, 0x04, 0x40);
  writer.byte(0x41, 0x00, 0x11).u32(type).u32(table);
  writer.byte(0x04, 0x40, 0x00, 0x0b, 0x0b);
}

/** One function body: locals as they are, a check at the entry and at every loop. */
function writeBody(source: Reader, added: Added): Uint8Array {
  const writer = new Writer();
  const cost = Math.ceil((source.end - source.at) / BYTES_PER_UNIT) + 1;
  const from = source.at;
  for (let count = source.u32(); count > 0; count--) {
    source.leb();
    const code = source.byte();
    if (code === 0x63 || code === 0x64) source.leb();
  }
  writer.copy(source.bytes.subarray(from, source.at));
  writeCheck(writer, added, cost);
  let copied = source.at;
  while (!source.done) {
    const start = source.at;
    const instruction = readInstruction(source);
    if (instruction.code === 0x03) {
      writer.copy(source.bytes.subarray(copied, source.at));
      writeCheck(writer, added, cost);
      copied = source.at;
    } else if (isBulk(instruction)) {
      writer.copy(source.bytes.subarray(copied, start));
      writer.byte(0x41, 0x00, 0x24).u32(added.global);
      copied = start;
    }
  }
  return writer.copy(source.bytes.subarray(copied, source.end)).bytes();
}

function writeCode(source: Reader, added: Added): Uint8Array {
  const count = source.u32();
  const writer = new Writer().u32(count);
  for (let left = count; left > 0; left--) {
    const size = source.u32();
    const body = writeBody(new Reader(source.bytes, source.at, source.at + size), added);
    source.skip(size);
    writer.u32(body.byteLength).copy(body);
  }
  return writer.bytes();
}

function writeBounds(writer: Writer, bounds: Bounds, most: number, what: string): void {
  if (bounds.wide) throw new UnknownForm(`${what} with 64-bit addresses`);
  if (bounds.minimum > most)
    throw new UnknownForm(`${what} of ${bounds.minimum}, where ${most} is the most`);
  writer
    .byte(0x01)
    .u32(bounds.minimum)
    .u32(Math.min(bounds.maximum ?? most, most));
}

/** The most pages that a memory may have: what it declares, within the script's limit. */
export const maximumPages = (bounds: Bounds, limits: InstrumentLimits): number =>
  Math.min(bounds.maximum ?? limits.memoryPages, limits.memoryPages);

/** The module's own memories become imports, so that the host can use one again. Their indices stay. */
function writeImports(source: Reader, shape: ModuleShape, limits: InstrumentLimits): Uint8Array {
  const own = shape.memories.slice(shape.imported.memory);
  const more = new Writer();
  own.forEach((bounds, index) => {
    more.name(HIDDEN.module).name(`${HIDDEN.memory}${index}`).byte(EXTERN.memory);
    writeBounds(more, bounds, limits.memoryPages, "a memory");
  });
  return appended(source, own.length, more.bytes());
}

function writeTables(source: Reader): Uint8Array {
  const count = source.done ? 0 : source.u32();
  const writer = new Writer().u32(count + 1);
  for (let left = count; left > 0; left--) {
    const from = source.at;
    if (source.bytes[from] === 0x40) throw new UnknownForm("a table with an initial value");
    blockType(source);
    writer.copy(source.bytes.subarray(from, source.at));
    writeBounds(writer, readBounds(source), TABLE_MAX, "a table");
  }
  return writer.byte(0x70, 0x01, 0x01, 0x01).bytes();
}

/** A vector with its count raised and more elements at its end. */
function appended(source: Reader, count: number, more: Uint8Array): Uint8Array {
  const had = source.done ? 0 : source.u32();
  return new Writer()
    .u32(had + count)
    .copy(source.bytes.subarray(source.at, source.end))
    .copy(more)
    .bytes();
}

function writeExports(source: Reader, shape: ModuleShape, added: Added): Uint8Array {
  const more = new Writer();
  let count = 2;
  more.name(HIDDEN.fuel).byte(EXTERN.global).u32(added.global);
  more.name(HIDDEN.table).byte(EXTERN.table).u32(added.table);
  if (shape.start !== undefined) {
    more.name(HIDDEN.start).byte(EXTERN.function).u32(shape.start);
    count += 1;
  }
  shape.memories.forEach((_memory, index) => {
    if (index < shape.imported.memory) return;
    more.name(`${HIDDEN.memory}${index}`).byte(EXTERN.memory).u32(index);
    count += 1;
  });
  shape.globals.forEach(({ mutable, value }, index) => {
    if (index < shape.imported.global || !mutable || !NUMERIC.has(value)) return;
    more.name(`${HIDDEN.global}${index}`).byte(EXTERN.global).u32(index);
    count += 1;
  });
  return appended(source, count, more.bytes());
}

function rewrite(
  section: Section,
  bytes: Uint8Array,
  shape: ModuleShape,
  added: Added,
  limits: InstrumentLimits,
): Uint8Array {
  const source = new Reader(bytes, section.from, section.to);
  switch (section.id) {
    case 1:
      return appended(source, 1, new Uint8Array([0x60, 0x00, 0x01, 0x7f]));
    case 4:
      return writeTables(source);
    case 2:
      return writeImports(source, shape, limits);
    case 6:
      return appended(source, 1, new Writer().byte(0x7f, 0x01, 0x41).s32(FUEL).byte(0x0b).bytes());
    case 7:
      return writeExports(source, shape, added);
    case 10:
      return writeCode(source, added);
    default:
      return bytes.subarray(section.from, section.to);
  }
}

/** The sections in order, with empty ones where something is to be appended. Custom sections stay out. */
function sectionsToWrite(shape: ModuleShape): Section[] {
  const known = new Map(
    shape.sections
      .filter(({ id }) => id !== 0 && id !== 5 && id !== 8)
      .map((section) => [section.id, section]),
  );
  return ORDER.flatMap((id) => known.get(id) ?? (CREATED.has(id) ? [{ id, from: 0, to: 0 }] : []));
}

/** The module with checks. Throws UnknownForm for what cannot be bounded. */
export function instrument(
  bytes: Uint8Array,
  shape: ModuleShape,
  limits: InstrumentLimits,
): Uint8Array<ArrayBuffer> {
  const added: Added = {
    type: shape.types.length,
    table: shape.tables.length,
    global: shape.globals.length,
  };
  const writer = new Writer().copy(bytes.subarray(0, 8));
  for (const section of sectionsToWrite(shape)) {
    const body = rewrite(section, bytes, shape, added, limits);
    writer.byte(section.id).u32(body.byteLength).copy(body);
  }
  return writer.bytes();
}

export const pagesOf = (bytes: number): number => Math.floor(bytes / PAGE_BYTES);
