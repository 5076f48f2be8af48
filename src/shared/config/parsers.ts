/** Schemas from a variable's text to its value. What is allowed is said by the table, not here. */
import { BlockList, isIP } from "node:net";
import * as v from "valibot";

export interface BindAddress {
  hostname: string;
  port: number;
}

export function integer(min: number, max: number): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/),
    v.transform(Number),
    v.minValue(min),
    v.maxValue(max),
  );
}

export function oneOf<const T extends readonly string[]>(
  values: T,
): v.GenericSchema<string, T[number]> {
  return v.pipe(v.string(), v.picklist(values));
}

export function text(min: number, max: number): v.GenericSchema<string, string> {
  return v.pipe(v.string(), v.minLength(min), v.maxLength(max));
}

export const username: v.GenericSchema<string, string> = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{3,64}$/),
);

/** `host:port`, `[v6]:port` or `:port`. */
export const bindAddress: v.GenericSchema<string, BindAddress> = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const [, v6, host, port] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(dataset.value) ?? [];
    const isHost = v6 === undefined ? /^[A-Za-z0-9.-]*$/.test(host ?? "") : isIP(v6) === 6;
    if (port === undefined || Number(port) > 65_535 || !isHost) {
      addIssue();
      return NEVER;
    }
    return { hostname: v6 ?? (host === "" ? "0.0.0.0" : (host ?? "")), port: Number(port) };
  }),
);

/** Without a path and without a trailing slash. */
export const baseUrl: v.GenericSchema<string, string> = v.pipe(
  v.string(),
  v.check((value) => {
    const url = URL.parse(value);
    if (url === null || !/^https?:$/.test(url.protocol)) return false;
    return url.username === "" && url.pathname === "/" && url.search === "" && url.hash === "";
  }),
  v.transform((value) => new URL(value).origin),
);

export const databaseUrl: v.GenericSchema<string, string> = v.pipe(
  v.string(),
  v.check((value) => {
    const url = URL.parse(value);
    return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1;
  }),
);

/** 32 bytes, as base64, base64url or hex. */
export const key32: v.GenericSchema<string, Uint8Array> = v.pipe(
  v.string(),
  v.transform((value) => {
    if (/^[0-9a-fA-F]{64}$/.test(value)) return new Uint8Array(Buffer.from(value, "hex"));
    if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(value)) return new Uint8Array();
    return new Uint8Array(Buffer.from(value, "base64"));
  }),
  v.check((bytes) => bytes.length === 32),
);

/** Comma-separated addresses and CIDRs. */
export const cidrList: v.GenericSchema<string, readonly string[]> = v.pipe(
  v.string(),
  v.transform((value) => value.split(",").map((part) => part.trim())),
  v.check((parts) => parts.every(isCidr)),
);

function isCidr(value: string): boolean {
  const [address = "", bits, ...rest] = value.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
    return /^\d+$/.test(bits);
  } catch {
    return false;
  }
}
