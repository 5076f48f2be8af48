/** What a script called that is no function: the engine tells only where. */

/** How far a name may reach to either side. */
const REACH = 200;
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u;
const MADE =
  /^[^(]*(?:Error|super|captureStackTrace)\b|^[^;\n]{0,60}not a (?:function|constructor)/;
const OWNER = /(?:[\p{ID_Start}$_][\p{ID_Continue}$]*\??\.)*$/u;

/** Such as `o.foo is not a function`; null where the code at that place (both from 1) is no name. */
export function calleeMessage(code: string, line: number, column: number): string | null {
  const at = offsetOf(code, line) + column - 1;
  const after = code.slice(at, at + REACH);
  const name = NAME.exec(after)?.[0];
  // An error that the script made itself, with the same words.
  if (name === undefined || MADE.test(after)) return null;
  const before = code.slice(Math.max(0, at - REACH), at);
  const owner = OWNER.exec(before)?.[0] ?? "";
  const rest = before.slice(0, before.length - owner.length);
  if (/\bnew\s+$/.test(rest)) {
    // Here the place is that of the first name.
    const whole = /^[\p{ID_Continue}$.]+/u.exec(after)?.[0] ?? name;
    return `${whole} is not a constructor`;
  }
  const unnamed = rest.endsWith(".") ? "(intermediate value)." : "";
  return `${unnamed}${owner.replaceAll("?", "")}${name} is not a function`;
}

function offsetOf(code: string, line: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) {
    const end = code.indexOf("\n", at);
    if (end < 0) return code.length;
    at = end + 1;
  }
  return at;
}
