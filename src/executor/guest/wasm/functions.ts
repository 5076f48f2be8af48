/** Exported functions, one object for each number, and the guest's functions that wasm imports. */
import { onHostEvent, type HostValue } from "../bridge.ts";
import { exceptionParts } from "./exception.ts";
import { functionOf, maker, setFunction, type Callable } from "./function-numbers.ts";
import { host } from "./host.ts";
import { referenceTo } from "./references.ts";
import { pullMemories, pushMemories, wake } from "./store.ts";
import { packList, toHost, toScript, unpackList } from "./values.ts";

export interface FunctionType {
  params: string[];
  results: string[];
}

const callbacks: { run: Callable; type: FunctionType }[] = [];
const INLINE_MAX = 8;

function fromResults(results: string[], value: HostValue): unknown {
  if (results.length === 0) return undefined;
  if (results.length === 1) return toScript(results[0] as string, value);
  const list = unpackList(value);
  return results.map((type, index) => toScript(type, list[index]));
}

export function callFunction(
  number: number,
  { params, results }: FunctionType,
  args: unknown[],
): unknown {
  wake();
  const given = params.map((type, index) => toHost(type, args[index]));
  pushMemories();
  let result: HostValue;
  try {
    result =
      given.length <= INLINE_MAX
        ? host.call(number, null, ...given)
        : host.call(number, packList(given));
  } finally {
    pullMemories();
  }
  return fromResults(results, result);
}

/** `name` is the function's index in its module. */
export function exportFunction(number: number, type: FunctionType, name: string): Callable {
  const known = functionOf(number);
  if (known) return known;
  const made: Callable = (...args) => callFunction(number, type, args);
  Object.defineProperty(made, "name", { value: name, configurable: true });
  Object.defineProperty(made, "length", { value: type.params.length, configurable: true });
  setFunction(number, made);
  return made;
}

maker.make = (number) => {
  const { name, ...type } = JSON.parse(host.describeFunction(number) as string) as FunctionType & {
    name: string;
  };
  return exportFunction(number, type, name);
};

/** Numbers of the guest's own: they mean the same in every fork. */
export const addCallback = (run: Callable, type: FunctionType): number =>
  callbacks.push({ run, type }) - 1;

function toResults(results: string[], value: unknown): HostValue {
  if (results.length === 0) return undefined;
  if (results.length === 1) return toHost(results[0] as string, value);
  const list: unknown[] = [];
  // A spread would ask for the iterator twice.
  for (const item of value as Iterable<unknown>) list.push(item);
  if (list.length !== results.length)
    throw new TypeError(`The imported function gave ${list.length} values, not ${results.length}`);
  return packList(results.map((type, index) => toHost(type, list[index])));
}

/** Must not throw what can be caught: the host takes every throw for the sandbox's end. */
function answerCall(number: number, list: HostValue, inline: HostValue[]): void {
  pullMemories();
  const { run, type } = callbacks[number] as { run: Callable; type: FunctionType };
  try {
    const given = list === null ? inline : unpackList(list);
    const value = toResults(
      type.results,
      run(...type.params.map((param, index) => toScript(param, given[index]))),
    );
    pushMemories();
    host.returned(0, value);
  } catch (error) {
    pushMemories();
    const parts = exceptionParts(error);
    if (parts)
      host.returned(
        2,
        parts.tag,
        packList(parts.params.map((type, index) => toHost(type, parts.payload[index]))),
      );
    else host.returned(1, referenceTo(error) ?? referenceTo(undefined));
  }
}

onHostEvent("wasm", (number: number, list: HostValue, ...inline: HostValue[]) =>
  answerCall(number, list, inline),
);
