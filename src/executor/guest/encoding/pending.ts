/** How many bytes at the end of a chunk have to wait for the next one. */

/** UTF-8: the length of a valid but unfinished sequence at the end. */
export function unfinishedUtf8(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    if (sequenceLength(byte) <= back) return 0;
    return back === 1 || secondFits(byte, bytes[length - back + 1] as number) ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xc2 && lead <= 0xdf ? 2 : 0;
}

function secondFits(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90;
  return lead !== 0xf4 || second <= 0x8f;
}

/** UTF-16: an odd byte, and a high surrogate whose partner is still to come. */
export function unfinishedUtf16(bytes: Uint8Array, bigEndian: boolean): number {
  const odd = bytes.length & 1;
  const end = bytes.length - odd;
  if (end < 2) return odd;
  const high = bytes[bigEndian ? end - 2 : end - 1] as number;
  return high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
}
