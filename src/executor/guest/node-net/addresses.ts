/** What is an IP address, as node:net tells. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export function isIPv6(text: string): boolean {
  const [address = "", zone] = text.split("%");
  if (zone === "" || !/^[\da-f:.]+$/i.test(address)) return false;
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1) ?? "";
  const dotted = last.includes(".");
  if (dotted && !IPV4.test(last)) return false;
  const hex = dotted ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[\da-f]{1,4}$/i.test(group))) return false;
  const count = hex.length + (dotted ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}
export const isIPv4 = (text: unknown): boolean => IPV4.test(String(text));
export const isIP = (text: unknown): number => (isIPv4(text) ? 4 : isIPv6(String(text)) ? 6 : 0);
