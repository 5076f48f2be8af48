/** Turns whatever ended a turn into plain data. */
import type { ExecError } from "../../shared/execution.ts";
import { GuestThrow } from "./machine-errors.ts";
import type { Machine } from "./machine.ts";

/** Never throws: a machine that broke may not answer any more. */
export function describeThrown(machine: Machine, error: unknown): ExecError {
  if (error instanceof GuestThrow) return describeGuestValue(machine, error.value);
  if (error instanceof WebAssembly.RuntimeError) {
    return { name: "InternalError", message: `The sandbox broke: ${error.message}` };
  }
  if (error instanceof RangeError)
    return { name: "RangeError", message: "Maximum call stack size exceeded" };
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}

function describeGuestValue(machine: Machine, value: number): ExecError {
  try {
    const read = (name: string): string => {
      const text = machine.read(machine.property(value, name));
      return typeof text === "string" ? text : "";
    };
    const described: ExecError = { name: read("name") || "Error", message: read("message") };
    const stack = read("stack");
    return stack === "" ? described : { ...described, stack };
  } catch {
    return { name: "Error", message: "The sandbox could not describe its error" };
  }
}
