/** The immediates of every instruction, so that code can be walked. */
import { UnknownForm, type Reader } from "./bytes.ts";

type Skip = (reader: Reader) => void;

const none: Skip = () => undefined;
const index: Skip = (reader) => reader.leb();
const two: Skip = (reader) => {
  reader.leb();
  reader.leb();
};
const fixed =
  (count: number): Skip =>
  (reader) =>
    reader.skip(count);

const memoryArgument: Skip = (reader) => {
  const align = reader.u32();
  if ((align & 0x40) !== 0) reader.leb();
  reader.leb();
};

/** A heap type is a LEB as well. */
export function valueType(reader: Reader): number {
  const code = reader.byte();
  if (code === 0x63 || code === 0x64) reader.leb();
  return code;
}

/** Empty, a value type or a type index: only reference types are longer than one LEB. */
export const blockType: Skip = (reader) => {
  const code = reader.bytes[reader.at];
  if (code === 0x63 || code === 0x64) valueType(reader);
  else reader.leb();
};

const branchTable: Skip = (reader) => {
  for (let count = reader.u32(); count >= 0; count--) reader.leb();
};

const typedSelect: Skip = (reader) => {
  for (let count = reader.u32(); count > 0; count--) valueType(reader);
};

const tryTable: Skip = (reader) => {
  blockType(reader);
  for (let count = reader.u32(); count > 0; count--) {
    const kind = reader.byte();
    if (kind <= 1) reader.leb();
    reader.leb();
  }
};

const castBranch: Skip = (reader) => {
  reader.byte();
  for (let count = 0; count < 3; count++) reader.leb();
};

const PLAIN: (Skip | undefined)[] = [];
const put = (skip: Skip, ...codes: number[]): void => {
  for (const code of codes) PLAIN[code] = skip;
};
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, offset) => from + offset);

put(
  none,
  0x00,
  0x01,
  0x05,
  0x0a,
  0x0b,
  0x0f,
  0x19,
  0x1a,
  0x1b,
  ...range(0x45, 0xc4),
  0xd1,
  0xd3,
  0xd4,
);
put(blockType, 0x02, 0x03, 0x04, 0x06);
put(
  index,
  0x07,
  0x08,
  0x09,
  0x0c,
  0x0d,
  0x10,
  0x12,
  0x14,
  0x15,
  0x18,
  ...range(0x20, 0x26),
  0x3f,
  0x40,
  0x41,
  0x42,
  0xd0,
  0xd2,
  0xd5,
  0xd6,
);
put(two, 0x11, 0x13);
put(branchTable, 0x0e);
put(typedSelect, 0x1c);
put(tryTable, 0x1f);
put(memoryArgument, ...range(0x28, 0x3e));
put(fixed(4), 0x43);
put(fixed(8), 0x44);

const MISC = [
  none,
  none,
  none,
  none,
  none,
  none,
  none,
  none,
  two,
  index,
  two,
  index,
  two,
  index,
  two,
  index,
  index,
  index,
];
/** Garbage-collected objects, 0 to 30. */
const OBJECTS = [
  index,
  index,
  two,
  two,
  two,
  two,
  index,
  index,
  two,
  two,
  two,
  index,
  index,
  index,
  index,
  none,
  index,
  two,
  two,
  two,
  index,
  index,
  index,
  index,
  castBranch,
  castBranch,
  none,
  none,
  none,
  none,
  none,
];

function vectorImmediate(reader: Reader, code: number): void {
  if (code <= 0x0b || code === 0x5c || code === 0x5d) memoryArgument(reader);
  else if (code === 0x0c || code === 0x0d) reader.skip(16);
  else if (code >= 0x15 && code <= 0x22) reader.skip(1);
  else if (code >= 0x54 && code <= 0x5b) {
    memoryArgument(reader);
    reader.skip(1);
  } else if (code > 0x113) throw new UnknownForm(`vector instruction ${code}`);
}

export interface Instruction {
  code: number;
  /** The second number of a prefixed instruction, else -1. */
  sub: number;
}

/** Passes over one instruction with its immediates. */
export function readInstruction(reader: Reader): Instruction {
  const code = reader.byte();
  const plain = PLAIN[code];
  if (plain) {
    plain(reader);
    return { code, sub: -1 };
  }
  const sub = code >= 0xfb && code <= 0xfe ? reader.u32() : -1;
  const skip = code === 0xfb ? OBJECTS[sub] : code === 0xfc ? MISC[sub] : undefined;
  if (skip) skip(reader);
  else if (code === 0xfd) vectorImmediate(reader, sub);
  else if (code === 0xfe && sub <= 0x4e) {
    if (sub === 3) reader.skip(1);
    else memoryArgument(reader);
  } else throw new UnknownForm(`instruction 0x${code.toString(16)}${sub < 0 ? "" : ` ${sub}`}`);
  return { code, sub };
}

/** Instructions whose time grows with an operand: memory, table and array fills and copies, and growth. */
export function isBulk({ code, sub }: Instruction): boolean {
  if (code === 0xfc)
    return sub === 8 || (sub >= 10 && sub <= 12) || sub === 14 || sub === 15 || sub === 17;
  if (code === 0xfb)
    return sub === 6 || sub === 7 || sub === 9 || sub === 10 || (sub >= 16 && sub <= 19);
  return code === 0x40;
}

/** Passes over a constant expression, its `end` included. */
export function constantExpression(reader: Reader): void {
  while (readInstruction(reader).code !== 0x0b);
}
