/** node:punycode (RFC 3492). */
const BASE = 36;
const MAX = 0x7fffffff;

function adapt(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > 455; k += BASE) rest = Math.floor(rest / 35);
  return Math.floor(k + (36 * rest) / (rest + 38));
}

const threshold = (k: number, bias: number): number =>
  k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
const digitOf = (code: number): number =>
  code >= 48 && code < 58
    ? code - 22
    : code >= 65 && code < 91
      ? code - 65
      : code >= 97 && code < 123
        ? code - 97
        : BASE;
const charOf = (digit: number): string => String.fromCharCode(digit + (digit < 26 ? 97 : 22));

function decode(input: string): string {
  const basic = Math.max(0, input.lastIndexOf("-"));
  const output: number[] = [];
  for (let i = 0; i < basic; i++) {
    if (input.charCodeAt(i) >= 128)
      throw new RangeError("Illegal input >= 0x80 (not a basic code point)");
    output.push(input.charCodeAt(i));
  }
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = basic > 0 ? basic + 1 : 0; at < input.length;) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = at < input.length ? digitOf(input.charCodeAt(at++)) : BASE;
      if (digit >= BASE) throw new RangeError("Invalid input");
      i += digit * weight;
      if (i > MAX) throw new RangeError("Overflow: input needs wider integers to process");
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= BASE - t;
    }
    bias = adapt(i - before, output.length + 1, before === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

function encode(input: string): string {
  const points = Array.from(input, (char) => char.codePointAt(0) as number);
  const basic = points.filter((point) => point < 128);
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? "-" : "");
  let n = 128;
  let delta = 0;
  let bias = 72;
  for (let handled = basic.length; handled < points.length;) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += charOf(t + ((q - t) % (BASE - t)));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += charOf(q);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

function mapDomain(domain: string, change: (label: string) => string): string {
  const at = domain.lastIndexOf("@");
  const labels = domain
    .slice(at + 1)
    .replaceAll(/[\u3002\uFF0E\uFF61]/g, ".")
    .split(".");
  return domain.slice(0, at + 1) + labels.map(change).join(".");
}

export const punycode = {
  version: "2.3.1",
  decode,
  encode,
  toASCII: (domain: string) =>
    mapDomain(domain, (label) => (/[^\0-\x7F]/.test(label) ? `xn--${encode(label)}` : label)),
  toUnicode: (domain: string) =>
    mapDomain(domain, (label) =>
      label.startsWith("xn--") ? decode(label.slice(4).toLowerCase()) : label,
    ),
  ucs2: {
    decode: (text: string): number[] => Array.from(text, (char) => char.codePointAt(0) as number),
    encode: (points: number[]): string => String.fromCodePoint(...points),
  },
};
