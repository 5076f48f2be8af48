/** What a module imports, defines and exports, read from its bytes. Assumes that the engine found them valid. */
import { Reader, UnknownForm } from "./bytes.ts";
import { constantExpression, valueType } from "./instructions.ts";

export interface FunctionType {
  params: string[];
  results: string[];
}
export interface Bounds {
  minimum: number;
  maximum?: number;
  /** 64-bit addresses. */
  wide: boolean;
}
export interface GlobalType {
  value: string;
  mutable: boolean;
}
export interface TableType extends Bounds {
  element: string;
}

export type ExternKind = "function" | "table" | "memory" | "global" | "tag";
export interface ImportShape {
  module: string;
  name: string;
  kind: ExternKind;
}
export interface ExportShape {
  name: string;
  kind: ExternKind;
  index: number;
}
export interface Section {
  id: number;
  from: number;
  to: number;
}

export interface ModuleShape {
  sections: Section[];
  /** Undefined where the type is not a function's. */
  types: (FunctionType | undefined)[];
  /** Of each index space, the imported ones first. */
  functions: FunctionType[];
  tables: TableType[];
  memories: Bounds[];
  globals: GlobalType[];
  tags: FunctionType[];
  imported: Record<ExternKind, number>;
  imports: ImportShape[];
  exports: ExportShape[];
  start: number | undefined;
}

const KINDS: ExternKind[] = ["function", "table", "memory", "global", "tag"];
const VALUE_NAMES: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
  0x70: "funcref",
  0x6f: "externref",
};
const EMPTY: FunctionType = { params: [], results: [] };

/** References of the two kinds that scripts know have one name, whether they can be null or not. */
function typeName(reader: Reader): string {
  const heap = reader.bytes[reader.at + 1] ?? 0;
  const code = valueType(reader);
  if (code !== 0x63 && code !== 0x64) return VALUE_NAMES[code] ?? "ref";
  return heap === 0x70 || heap === 0x6f ? (VALUE_NAMES[heap] ?? "ref") : "ref";
}
const list = <T>(reader: Reader, read: (reader: Reader) => T): T[] =>
  Array.from({ length: reader.count() }, () => read(reader));

function fieldType(reader: Reader): void {
  const code = reader.bytes[reader.at];
  if (code === 0x77 || code === 0x78) reader.skip(1);
  else valueType(reader);
  reader.skip(1);
}

function compositeType(reader: Reader, form: number): FunctionType | undefined {
  if (form === 0x60) return { params: list(reader, typeName), results: list(reader, typeName) };
  if (form === 0x5f) list(reader, fieldType);
  else if (form === 0x5e) fieldType(reader);
  else throw new UnknownForm(`type form 0x${form.toString(16)}`);
  return undefined;
}

function subType(reader: Reader): FunctionType | undefined {
  const form = reader.byte();
  if (form !== 0x50 && form !== 0x4f) return compositeType(reader, form);
  list(reader, (inner) => inner.leb());
  return compositeType(reader, reader.byte());
}

function readTypes(reader: Reader): (FunctionType | undefined)[] {
  const types: (FunctionType | undefined)[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    if (reader.bytes[reader.at] === 0x4e) {
      reader.skip(1);
      types.push(...list(reader, subType));
    } else types.push(subType(reader));
  }
  return types;
}

export function readBounds(reader: Reader): Bounds {
  const flags = reader.byte();
  if ((flags & 0x02) !== 0) throw new UnknownForm("shared memory");
  if (flags > 0x05) throw new UnknownForm("memory of another page size");
  const wide = (flags & 0x04) !== 0;
  const minimum = Number(reader.u64());
  return (flags & 0x01) === 0
    ? { minimum, wide }
    : { minimum, maximum: Number(reader.u64()), wide };
}

const readTableType = (reader: Reader): TableType => {
  const element = typeName(reader);
  return { element, ...readBounds(reader) };
};

function readTable(reader: Reader): TableType {
  const initialized = reader.bytes[reader.at] === 0x40;
  if (initialized) reader.skip(2);
  const table = readTableType(reader);
  if (initialized) constantExpression(reader);
  return table;
}

const readGlobalType = (reader: Reader): GlobalType => ({
  value: typeName(reader),
  mutable: reader.byte() === 1,
});

function readImport(reader: Reader, shape: ModuleShape): ImportShape {
  const module = reader.name();
  const name = reader.name();
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new UnknownForm("an import of an unknown kind");
  shape.imported[kind] += 1;
  const signature = (): FunctionType => shape.types[reader.u32()] ?? EMPTY;
  if (kind === "function") shape.functions.push(signature());
  else if (kind === "table") shape.tables.push(readTableType(reader));
  else if (kind === "memory") shape.memories.push(readBounds(reader));
  else if (kind === "global") shape.globals.push(readGlobalType(reader));
  else {
    reader.skip(1);
    shape.tags.push(signature());
  }
  return { module, name, kind };
}

function readGlobal(reader: Reader): GlobalType {
  const type = readGlobalType(reader);
  constantExpression(reader);
  return type;
}

function readExport(reader: Reader): ExportShape {
  const name = reader.name();
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new UnknownForm("an export of an unknown kind");
  return { name, kind, index: reader.u32() };
}

function readSection(id: number, reader: Reader, shape: ModuleShape): void {
  const signature = (inner: Reader): FunctionType => shape.types[inner.u32()] ?? EMPTY;
  if (id === 1) shape.types = readTypes(reader);
  else if (id === 2) shape.imports = list(reader, (inner) => readImport(inner, shape));
  else if (id === 3) shape.functions.push(...list(reader, signature));
  else if (id === 4) shape.tables.push(...list(reader, readTable));
  else if (id === 5) shape.memories.push(...list(reader, readBounds));
  else if (id === 6) shape.globals.push(...list(reader, readGlobal));
  else if (id === 7) shape.exports = list(reader, readExport);
  else if (id === 8) shape.start = reader.u32();
  else if (id === 13) {
    shape.tags.push(
      ...list(reader, (inner) => {
        inner.skip(1);
        return signature(inner);
      }),
    );
  } else if (id > 13) throw new UnknownForm(`section ${id}`);
}

/** Throws UnknownForm for what cannot be bounded, such as shared memory. */
export function readModule(bytes: Uint8Array): ModuleShape {
  const shape: ModuleShape = {
    sections: [],
    types: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    tags: [],
    imported: { function: 0, table: 0, memory: 0, global: 0, tag: 0 },
    imports: [],
    exports: [],
    start: undefined,
  };
  const reader = new Reader(bytes, 8);
  while (!reader.done) {
    const id = reader.byte();
    const size = reader.u32();
    const section = { id, from: reader.at, to: reader.at + size };
    // First, as it refuses a section that says it ends behind the module.
    reader.skip(size);
    shape.sections.push(section);
    readSection(id, new Reader(bytes, section.from, section.to), shape);
  }
  return shape;
}
