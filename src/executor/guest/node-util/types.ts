/** util.types: what a value is, by its internal slots where the language lets one see them. */
const { toString } = Object.prototype;
const tagOf = (value: unknown): string => toString.call(value).slice(8, -1);
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** True when calling a built-in getter or method on the value does not throw: it has the slot. */
function hasSlot(probe: (value: never) => unknown): (value: unknown) => boolean {
  return (value) => {
    if (!isObject(value)) return false;
    try {
      probe(value as never);
      return true;
    } catch {
      return false;
    }
  };
}

const getter = (prototype: object, name: string): ((value: never) => unknown) => {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  return (value) => get?.call(value);
};
const method = (prototype: object, name: string): ((value: never) => unknown) => {
  const call = (prototype as Record<string, (...args: unknown[]) => unknown>)[name];
  return (value) => call?.call(value, undefined);
};

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get;
const kindOf = (value: unknown): unknown =>
  ArrayBuffer.isView(value) ? typedArrayTag?.call(value) : undefined;
const functionKind = (value: unknown): string => (typeof value === "function" ? tagOf(value) : "");

type Check = (value: unknown) => boolean;
const isMap: Check = hasSlot(getter(Map.prototype, "size"));
const isSet: Check = hasSlot(getter(Set.prototype, "size"));
const isNumberObject: Check = hasSlot((value) => Number.prototype.valueOf.call(value));
const isStringObject: Check = hasSlot((value) => String.prototype.valueOf.call(value));
const isBooleanObject: Check = hasSlot((value) => Boolean.prototype.valueOf.call(value));
const isBigIntObject: Check = hasSlot((value) => BigInt.prototype.valueOf.call(value));
const isSymbolObject: Check = hasSlot((value) => Symbol.prototype.valueOf.call(value));
const isArrayBuffer: Check = hasSlot(getter(ArrayBuffer.prototype, "byteLength"));
const isSharedArrayBuffer: Check = (value) => tagOf(value) === "SharedArrayBuffer";

export const types: Record<string, Check> = {
  isMap,
  isSet,
  isNumberObject,
  isStringObject,
  isBooleanObject,
  isBigIntObject,
  isSymbolObject,
  isArrayBuffer,
  isSharedArrayBuffer,
  isAnyArrayBuffer: (value) => isArrayBuffer(value) || isSharedArrayBuffer(value),
  isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isBoxedPrimitive: (value) =>
    [isNumberObject, isStringObject, isBooleanObject, isBigIntObject, isSymbolObject].some(
      (check) => check(value),
    ),
  isDate: hasSlot(method(Date.prototype, "getTime")),
  isRegExp: (value) => isObject(value) && value !== RegExp.prototype && tagOf(value) === "RegExp",
  isPromise: (value) => isObject(value) && (value instanceof Promise || tagOf(value) === "Promise"),
  isWeakMap: hasSlot(method(WeakMap.prototype, "has")),
  isWeakSet: hasSlot(method(WeakSet.prototype, "has")),
  isDataView: hasSlot(getter(DataView.prototype, "byteLength")),
  isTypedArray: (value) => kindOf(value) !== undefined,
  isNativeError: (value) => value instanceof Error || tagOf(value) === "Error",
  isArgumentsObject: (value) => isObject(value) && tagOf(value) === "Arguments",
  isAsyncFunction: (value) => /^Async(Generator)?Function$/.test(functionKind(value)),
  isGeneratorFunction: (value) => /^(Async)?GeneratorFunction$/.test(functionKind(value)),
  isGeneratorObject: (value) => isObject(value) && tagOf(value) === "Generator",
  isMapIterator: (value) => tagOf(value) === "Map Iterator",
  isSetIterator: (value) => tagOf(value) === "Set Iterator",
  isModuleNamespaceObject: (value) => tagOf(value) === "Module",
  isCryptoKey: (value) => tagOf(value) === "CryptoKey",
  isKeyObject: (value) => tagOf(value) === "KeyObject",
  isProxy: () => false,
  isExternal: () => false,
  isEventTarget: (value) =>
    isObject(value) &&
    typeof (value as { addEventListener?: unknown }).addEventListener === "function",
};
for (const kind of [
  "Uint8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Uint32Array",
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
])
  types[`is${kind}`] = (value) => kindOf(value) === kind;
