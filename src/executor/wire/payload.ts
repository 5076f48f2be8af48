/** Service payloads as text: JSON, with bytes, undefined and bigints as tagged arrays. */
const TAG = "$picloud";

export function packPayload(payload: unknown): string {
  return JSON.stringify(payload, function replace(this: unknown, key: string, value: unknown) {
    // Buffer's toJSON has run before `value` is seen, so the original is looked at.
    const original = key === "" ? value : (this as Record<string, unknown>)[key];
    if (original instanceof Uint8Array)
      return [TAG, "bytes", Buffer.from(original).toString("base64")];
    if (typeof original === "bigint") return [TAG, "bigint", String(original)];
    if (original === undefined) return [TAG, "undefined"];
    if (Array.isArray(original) && original[0] === TAG) return [TAG, "array", ...original];
    return value;
  });
}

export function unpackPayload(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (!Array.isArray(value) || value[0] !== TAG) return value;
    const content = String(value[2]);
    switch (value[1]) {
      case "bytes":
        return new Uint8Array(Buffer.from(content, "base64"));
      case "bigint":
        return BigInt(content);
      case "undefined":
        return undefined;
      default:
        return value.slice(2);
    }
  });
}
