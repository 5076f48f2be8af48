/**
 * Makes src/executor/wasm/engine.wasm from the pinned QuickJS build: fuel checks in every loop but the
 * bytecode interpreter's, the depth of the C stack on record, and a rejection tracker that calls the host.
 * The result is committed; `bun scripts/build-engine.ts --check` fails where it is not what this gives.
 */
import binaryen from "binaryen";
import { join } from "node:path";

const SOURCE = join(
  import.meta.dir,
  "../node_modules/@jitl/quickjs-ng-wasmfile-release-sync/dist/emscripten-module.wasm",
);
const TARGET =
  process.env["ENGINE_TARGET"] ?? join(import.meta.dir, "../src/executor/wasm/engine.wasm");

/** Loop rounds between two looks at the clock: some 20 us of a tight loop. */
const FUEL_STEP = 20_000;
/** QuickJS cannot tell how much it has allocated in this build, so the memory's size is the limit: start small. */
const PAGES_FIRST = 96;
/** One byte for each block of memory that was written, in the lower part of the C stack that is never reached. */
const DIRTY_TABLE = 1_048_576;
const DIRTY_SHIFT = 8;
/** Atoms that every context has; others are written out with the bytecode. */
const PREDEFINED_ATOMS = 229;
const STACK_TOP = 5_342_832;

const LOOP_CHECK = `
 (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
 (if (i32.lt_s (global.get $fuel) (i32.const 0))
  (then (global.set $fuel (i32.const ${FUEL_STEP})) (call $checkFuel)))`;

const DEPTH_CHECK = `
 (if (i32.lt_u (global.get $global$0) (global.get $stackDepth))
  (then (global.set $stackDepth (global.get $global$0))))`;

const ADDED_IMPORTS = `
 (import "a" "fuel" (func $checkFuel))
 (import "a" "rejection" (func $trackRejection (param i32 i64 i64 i32 i32)))`;

const ADDED_GLOBALS = `
 (global $fuel (mut i32) (i32.const ${FUEL_STEP}))
 (global $stackDepth (mut i32) (i32.const ${STACK_TOP}))
 (global $keepSources (mut i32) (i32.const 0))
 (export "keepSources" (global $keepSources))
 (export "fuel" (global $fuel))
 (export "stackDepth" (global $stackDepth))
 (export "stackPointer" (global $global$0))`;

/** js_strndup for a function's source text: nothing is kept while the guest runtime itself is compiled. */
const KEEP_SOURCE = `
 (func $keepSource (param $context i32) (param $text i32) (param $length i32) (result i32)
  (call $388 (local.get $context) (local.get $text)
   (select (local.get $length) (i32.const 0) (global.get $keepSources))))`;

/** Where a function's source becomes its bytecode's: dropped, so that toString() says "[native code]". */
const SOURCE_STORE =
  /\(i32\.store offset=88\s+(\(local\.get \$7\))\s+(\(i32\.load offset=332\s+\(local\.get \$1\)\s+\))\s+\)/;
const SOURCE_STORE_PATCHED = `(i32.store offset=88 $1
 (if (result i32) (global.get $$keepSources)
  (then $2)
  (else (call $$3 (i32.load offset=16 (local.get $$0)) $2) (i32.const 0))))`;
/** Line numbers go with the sources: frames of the guest runtime are taken out of stacks anyway. */
const LINES_STORE =
  /\(i32\.store offset=80\s+\(local\.get \$7\)\s+\(i32\.load offset=312\s+\(local\.get \$1\)\s+\)\s+\)/;
const DROP_LINES = `
 (if (i32.eqz (global.get $keepSources))
  (then
   (call $3 (i32.load offset=16 (local.get $0)) (i32.load offset=84 (local.get $7)))
   (i32.store offset=84 (local.get $7) (i32.const 0))
   (i32.store offset=80 (local.get $7) (i32.const 0))))`;
const SOURCE_COPY =
  /(\(i32\.store offset=332\s+\(local\.get \$\w+\)\s+\(local\.tee \$\w+\s+\(call )\$388\b/g;

/**
 * `push` appends at an array's length as soon as its elements lie in one block, though fewer may be there than the length
 * says (`new Array(3)`, or after `delete` of the last): it would make what lies between into elements.
 */
const PUSH_LENGTH =
  /\(br_if (\$\w+)\s+\(i32\.lt_u\s+\(local\.tee \$6\s+\(i32\.add\s+\(local\.get \$2\)\s+\(local\.tee (\$8)\s+\(i32\.wrap_i64\s+\(local\.get \$11\)\s+\)\s+\)\s+\)\s+\)\s+\(local\.get \$2\)\s+\)\s+\)/g;
const PUSH_COUNT = `
 (br_if $1 (i32.ne (local.get $2) (i32.load offset=40 (local.get $5))))`;

const TRACKED_BULK = `
 (func $markRange (param $from i32) (param $length i32)
  (local $last i32)
  (if (i32.eqz (local.get $length)) (then (return)))
  (local.set $last (i32.shr_u (i32.sub (i32.add (local.get $from) (local.get $length)) (i32.const 1)) (i32.const ${DIRTY_SHIFT})))
  (local.set $from (i32.shr_u (local.get $from) (i32.const ${DIRTY_SHIFT})))
  (memory.fill
   (i32.add (local.get $from) (i32.const ${DIRTY_TABLE}))
   (i32.const 1)
   (i32.add (i32.sub (local.get $last) (local.get $from)) (i32.const 1))))
 (func $trackedCopy (param $to i32) (param $from i32) (param $length i32)
  (memory.copy (local.get $to) (local.get $from) (local.get $length))
  (call $markRange (local.get $to) (local.get $length)))
 (func $trackedFill (param $to i32) (param $value i32) (param $length i32)
  (memory.fill (local.get $to) (local.get $value) (local.get $length))
  (call $markRange (local.get $to) (local.get $length)))`;

function need(found: boolean, what: string): void {
  if (!found) throw new Error(`The wasm is not the build that this script knows: ${what}`);
}

/** Index just past the parenthesis that closes the one at `open`. No strings occur inside functions. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i += 1) {
    const character = text[i];
    if (character === "(") depth += 1;
    else if (character === ")" && (depth -= 1) === 0) return i + 1;
  }
  throw new Error("Unbalanced parentheses in the module's text");
}

const FUNCTION_START = "\n (func $";

function splitFunctions(text: string): { head: string; functions: string[] } {
  const [head = "", ...rest] = text.split(FUNCTION_START);
  return { head, functions: rest.map((body) => FUNCTION_START + body) };
}

/** A call is cheap beside the interpreter's own poll, which QuickJS makes by its interrupt handler. */
function addFuel(functions: string[]): string[] {
  const longest = Math.max(...functions.map((text) => text.length));
  return functions.map((text) =>
    text.length === longest
      ? text
      : text.replace(/\(loop (\$\w+)(?: \(result \w+\))?/g, (header) => `${header}${LOOP_CHECK}`),
  );
}

/** A function's end gives its frame back; anything else may have made the stack deeper. */
const STACK_RELEASE =
  /^\(global\.set \$global\$0\s+(?:\(local\.get \$\w+\s*\)|\(i32\.add\s+\(local\.get \$\w+\s*\)\s+\(i32\.const \d+\)|\(i32\.sub\s+\(local\.get \$\w+\s*\)\s+\(i32\.const -\d+\))/;
const STACK_SET = "(global.set $global$0\n";

/** After each growth of the C stack, remembers the lowest address it reached. */
function addDepth(text: string): string {
  let result = "";
  let from = 0;
  for (let at = text.indexOf(STACK_SET); at !== -1; at = text.indexOf(STACK_SET, from)) {
    const end = closing(text, at);
    result +=
      text.slice(from, end) + (STACK_RELEASE.test(text.slice(at, at + 160)) ? "" : DEPTH_CHECK);
    from = end;
  }
  return result + text.slice(from);
}

/** Reads bytecode (flag 1), and runs what was read; the call of the value itself consumes it. */
const BYTECODE_READERS = `
 (func $readBytecode (param $context i32) (param $bytes i32) (param $length i32) (result i32)
  (call $36 (call $795 (local.get $context) (local.get $bytes) (local.get $length) (i32.const 1))))
 (func $runBytecode (param $context i32) (param $value i32) (result i32)
  (call $36 (call $563 (local.get $context) (i64.load (local.get $value)))))
 (export "readBytecode" (func $readBytecode))
 (export "runBytecode" (func $runBytecode))
 (export "writeBytecode" (func $writeBytecode))`;

/** The writer of values, told to take bytecode, without sources and line numbers. */
function bytecodeWriter(functions: string[]): string {
  const writer = functions.find((text) => text.startsWith(`${FUNCTION_START}1142 `)) ?? "";
  let changes = 0;
  const change = (text: string, pattern: RegExp, replacement: string): string =>
    text.replace(pattern, () => {
      changes += 1;
      return replacement;
    });
  let text = writer.replace("$1142 ", "$writeBytecode ");
  text = change(text, /\(i32\.const 16842752\)/, "(i32.const 1)");
  text = change(
    text,
    /\(i32\.store8 offset=44\s+\(local\.get \$2\)\s+\(i32\.const 1\)\s+\)/,
    "(i32.store8 offset=44 (local.get $2) (i32.const 0))",
  );
  text = change(
    text,
    /\(i32\.store offset=48\s+\(local\.get \$2\)\s+\(i32\.const 1\)\s+\)/,
    `(i32.store offset=48 (local.get $2) (i32.const ${PREDEFINED_ATOMS}))`,
  );
  need(changes === 3, `${changes} changes to the bytecode writer`);
  return text;
}

function dropSources(functions: string[]): string[] {
  let copies = 0;
  let stores = 0;
  const patched = functions.map((text) =>
    text
      .replace(SOURCE_COPY, (_match, before: string) => {
        copies += 1;
        return `${before}$keepSource`;
      })
      .replace(SOURCE_STORE, (match) => {
        stores += 1;
        return match.replace(SOURCE_STORE, SOURCE_STORE_PATCHED);
      })
      .replace(LINES_STORE, (match) => {
        stores += 1;
        return match + DROP_LINES;
      }),
  );
  need(copies === 3 && stores === 2, `${copies} copies and ${stores} uses of function sources`);
  return patched;
}

/**
 * The collector marks what a sloppy function's `arguments` shares with its parameters also while the function
 * runs, when that is not on the collector's lists yet: it would follow what lies in memory. A function's own
 * captured variables are checked for that; here the check is added (quickjs-ng issue 1400).
 */
const ARGUMENTS_MARK =
  /(\(if\s+\(local\.tee (\$6)\s+\(i32\.load\s+\(i32\.add\s+\(local\.get \$5\)\s+\(i32\.shl\s+\(local\.get \$3\)\s+\(i32\.const 2\)\s+\)\s+\)\s+\)\s+\)\s+\(then)(\s+\(call_indirect \(type \$2\)\s+\(local\.get \$0\)\s+\(local\.get \$6\)\s+\(local\.get \$2\)\s+\))/g;

function checkArguments(functions: string[]): string[] {
  let checks = 0;
  const patched = functions.map((text) =>
    text.replace(ARGUMENTS_MARK, (_match, head: string, local: string, mark: string) => {
      checks += 1;
      return `${head} (if (i32.load8_u offset=5 (local.get ${local})) (then ${mark}))`;
    }),
  );
  need(checks === 1, `${checks} places where the variables of an arguments object are marked`);
  return patched;
}

function checkPush(functions: string[]): string[] {
  let checks = 0;
  const patched = functions.map((text) =>
    text.replace(PUSH_LENGTH, (match, block: string, length: string) => {
      checks += 1;
      return match + PUSH_COUNT.replace("$1", block).replace("$2", length);
    }),
  );
  need(checks === 1, `${checks} places where an array's length is taken for its count`);
  return patched;
}

/** Writing an error's stack calls guest code, also after the C stack has overflowed: it gets some more room. */
const BACKTRACE_ROOM = 32_768;
const BACKTRACE_FUNCTION = "215";
const ROOMY_BACKTRACE = `
 (func $${BACKTRACE_FUNCTION} (param $0 i32) (param $1 i64) (param $2 i64) (param $3 i32) (param $4 i32) (param $5 i32) (param $6 i32)
  (local $runtime i32) (local $limit i32)
  (local.set $runtime (i32.load offset=16 (local.get $0)))
  (if (i32.load8_u offset=153 (local.get $runtime)) (then (return)))
  (local.set $limit (i32.load offset=136 (local.get $runtime)))
  (i32.store offset=136 (local.get $runtime)
   (select (i32.sub (local.get $limit) (i32.const ${BACKTRACE_ROOM})) (i32.const 0)
    (i32.gt_u (local.get $limit) (i32.const ${BACKTRACE_ROOM}))))
  (call $backtrace (local.get $0) (local.get $1) (local.get $2) (local.get $3) (local.get $4) (local.get $5) (local.get $6))
  (i32.store offset=136 (local.get $runtime) (local.get $limit)))`;

function roomForBacktraces(functions: string[]): string[] {
  const start = `${FUNCTION_START}${BACKTRACE_FUNCTION} (param $0 i32) (param $1 i64) (param $2 i64) (param $3 i32) (param $4 i32) (param $5 i32) (param $6 i32)\n`;
  const found = functions.filter((text) => text.startsWith(start));
  need(found.length === 1, "no function that writes an error's stack");
  const renamed = functions.map((text) =>
    text.startsWith(start) ? text.replace(`$${BACKTRACE_FUNCTION} `, () => "$backtrace ") : text,
  );
  return [ROOMY_BACKTRACE, ...renamed];
}

const STORE = /\((i32|i64|f32|f64)\.store(8|16|32)?(?: offset=(\d+))?(?: align=(\d+))?\s+/g;
const FRAME =
  /\(global\.set \$global\$0\s+\(local\.tee (\$\w+)\s+\(i32\.(?:sub|add)\s+\(global\.get \$global\$0\)\s+\(i32\.const -?\d+\)/g;

/** Locals that hold the C stack's frame and nothing else: the depth of the stack covers writes to it. */
function frameLocals(text: string): Set<string> {
  const locals = new Set<string>();
  for (const [, local = ""] of text.matchAll(FRAME)) {
    if (
      text.split(`(local.tee ${local}\n`).length + text.split(`(local.set ${local}\n`).length ===
      3
    )
      locals.add(local);
  }
  return locals;
}

/** Marks the block of each address that is written. */
function trackStores(text: string): string {
  const frames = frameLocals(text);
  let result = text;
  for (const match of [...text.matchAll(STORE)].reverse()) {
    const [header, type = "", narrow, offset = "0", align] = match;
    const start = match.index + header.length;
    const end = closing(result, start);
    const address = result.slice(start, end);
    const local = /^\(local\.get (\$\w+)\s*\)$/.exec(address)?.[1];
    if (local !== undefined && frames.has(local)) continue;
    const size = narrow === undefined ? Number(type.slice(1)) / 8 : Number(narrow) / 8;
    const ends = align !== undefined && Number(align) < size ? [0, size - 1] : [0];
    const marks = ends.map((more) => markBlock(local ?? "$marked", Number(offset) + more)).join("");
    const set = local === undefined ? `(local.set $marked ${address})` : "";
    result = `${result.slice(0, start)}(block (result i32) ${set}${marks} (local.get ${local ?? "$marked"}))${result.slice(end)}`;
  }
  result = result
    .replaceAll("(memory.copy", "(call $trackedCopy")
    .replaceAll("(memory.fill", "(call $trackedFill");
  const firstLine = result.indexOf("\n", 1);
  return `${result.slice(0, firstLine)}\n  (local $marked i32)${result.slice(firstLine)}`;
}

function markBlock(local: string, offset: number): string {
  const address =
    offset === 0 ? `(local.get ${local})` : `(i32.add (local.get ${local}) (i32.const ${offset}))`;
  return ` (i32.store8 offset=${DIRTY_TABLE} (i32.shr_u ${address} (i32.const ${DIRTY_SHIFT})) (i32.const 1))`;
}

function transform(text: string): string {
  const { head, functions } = splitFunctions(text);
  need(functions.length === 1388, `${functions.length} functions`);
  let newHead = head.replace(/(\n \(import "a" "u"[^\n]*)/, `$1${ADDED_IMPORTS}`);
  need(newHead !== head, "no last import");
  newHead = newHead.replace(
    /(\n \(global \$global\$0 \(mut i32\) \(i32\.const 5342832\)\))/,
    `$1${ADDED_GLOBALS}`,
  );
  need(newHead.includes("$stackDepth"), "another stack pointer");
  newHead = newHead.replace("(table $0 492 funcref)", "(table $0 493 funcref)");
  newHead = newHead.replace(/(\n \(elem \$0 \(i32\.const 1\)[^\n]*)\)/, "$1 $trackRejection)");
  need(
    newHead.includes("493 funcref") && newHead.includes(" $trackRejection)\n"),
    "another function table",
  );
  newHead = newHead.replace(
    "(memory $mimport$0 256 32768)",
    `(memory $mimport$0 ${PAGES_FIRST} 32768)`,
  );
  need(newHead.includes(`$mimport$0 ${PAGES_FIRST} `), "another memory");
  const all = [bytecodeWriter(functions), ...functions];
  const patched = addFuel(roomForBacktraces(checkArguments(checkPush(dropSources(all)))))
    .map(trackStores)
    .map(addDepth);
  return newHead + KEEP_SOURCE + TRACKED_BULK + BYTECODE_READERS + patched.join("");
}

export async function buildEngine(): Promise<Uint8Array> {
  const source = binaryen.readBinary(new Uint8Array(await Bun.file(SOURCE).arrayBuffer()));
  const built = binaryen.parseText(transform(source.emitText()));
  built.setFeatures(source.getFeatures());
  const bytes = built.emitBinary();
  source.dispose();
  built.dispose();
  return bytes;
}

if (import.meta.main) {
  const bytes = await buildEngine();
  if (process.argv.includes("--check")) {
    const committed = new Uint8Array(await Bun.file(TARGET).arrayBuffer());
    if (!Buffer.from(committed).equals(Buffer.from(bytes)))
      throw new Error("engine.wasm is not what this script makes");
  } else {
    await Bun.write(TARGET, bytes);
    console.log(`${TARGET}: ${bytes.length} bytes`);
  }
}
