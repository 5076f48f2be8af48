/** What stands before an object's braces: the names of its constructor and its tag. */
const { getOwnPropertyDescriptor, getPrototypeOf } = Object;

/** A prototype names its constructor too, which has not made it. */
// oxlint-disable-next-line typescript/no-unsafe-function-type
function isMade(value: object, constructor: Function): boolean {
  try {
    return value instanceof constructor;
  } catch {
    return false;
  }
}

function ownConstructor(holder: object): unknown {
  try {
    return getOwnPropertyDescriptor(holder, "constructor")?.value;
  } catch {
    return undefined;
  }
}

/** Null for an object without a prototype. */
export function constructorName(value: object): string | null {
  let holder: object | null = value;
  for (let i = 0; i < 100 && holder !== null; i++) {
    const constructor = ownConstructor(holder);
    if (typeof constructor === "function" && constructor.name !== "" && isMade(value, constructor))
      return String(constructor.name);
    holder = getPrototypeOf(holder) as object | null;
    if (i === 0 && holder === null) return null;
  }
  return "Object <Complex prototype>";
}

/** Symbol.toStringTag, "" where there is none or it throws. */
export function tagOf(value: object): string {
  try {
    const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag];
    return typeof tag === "string" ? tag : "";
  } catch {
    return "";
  }
}

/** "[object Date]" and its like; "" where a getter or a proxy throws. */
export function classTag(value: object): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return "";
  }
}

/** Ends with a space. */
export function prefixOf(
  constructor: string | null,
  tag: string,
  fallback: string,
  size = "",
): string {
  if (constructor === null) {
    const extra = tag !== "" && tag !== fallback ? ` [${tag}]` : "";
    return `[${fallback}${size}: null prototype]${extra} `;
  }
  return `${constructor}${size}${tag !== "" && tag !== constructor ? ` [${tag}]` : ""} `;
}

/** Constructors of the language: functions to the reader, although their prototype is fixed as a class's is. */
const BUILT_IN = new Set<unknown>([
  Array,
  ArrayBuffer,
  BigInt,
  Boolean,
  DataView,
  Date,
  Function,
  Map,
  Number,
  Object,
  Promise,
  Proxy,
  RegExp,
  Set,
  String,
  Symbol,
  WeakMap,
  WeakSet,
  getPrototypeOf(Uint8Array),
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Uint8ClampedArray,
]);

const KINDS = new Set(["Function", "AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction"]);
const KIND_OF_TEXT = /^(async\b(?!\s*(?:=>|\(\s*\)\s*\{)))?\s*(?:function\b)?\s*(\*)?/;
const textOf = Function.prototype.toString;

// oxlint-disable-next-line typescript/no-unsafe-function-type
function kindOf(value: Function, constructor: string | null): string {
  if (constructor !== null) return KINDS.has(constructor) ? constructor : "Function";
  const [, isAsync, star] = KIND_OF_TEXT.exec(textOf.call(value)) ?? [];
  return `${isAsync === undefined ? "" : "Async"}${star === undefined ? "" : "Generator"}Function`;
}

// oxlint-disable-next-line typescript/no-unsafe-function-type
function classText(value: Function, constructor: string | null, tag: string): string {
  const name = Object.hasOwn(value, "name") && value.name !== "" ? value.name : "(anonymous)";
  let text = `class ${name}`;
  if (constructor !== "Function" && constructor !== null) text += ` [${constructor}]`;
  if (tag !== "" && constructor !== tag) text += ` [${tag}]`;
  if (constructor === null) return `[${text} extends [null prototype]]`;
  const parent = getPrototypeOf(value) as { name?: unknown };
  return typeof parent.name === "string" && parent.name !== ""
    ? `[${text} extends ${parent.name}]`
    : `[${text}]`;
}

// oxlint-disable-next-line typescript/no-unsafe-function-type
export function functionText(value: Function, constructor: string | null, tag: string): string {
  const prototype = getOwnPropertyDescriptor(value, "prototype");
  if (prototype?.writable === false && !BUILT_IN.has(value))
    return classText(value, constructor, tag);
  const kind = kindOf(value, constructor);
  const bare = constructor === null ? " (null prototype)" : "";
  const name = value.name === "" ? " (anonymous)" : `: ${String(value.name)}`;
  let text = `[${kind}${bare}${name}]`;
  if (constructor !== kind && constructor !== null) text += ` ${constructor}`;
  if (tag !== "" && constructor !== tag) text += ` [${tag}]`;
  return text;
}
