import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  contains,
  formatAddress,
  parseAddress,
  parseCidr,
} from "../../../src/executor/host/egress/address.ts";
import { decide, NO_RULES, type EgressRules } from "../../../src/executor/host/egress/policy.ts";
import { specialPurpose } from "../../../src/executor/host/egress/special-purpose.ts";

const bytes = (text: string): Uint8Array => {
  const found = parseAddress(text);
  if (found === undefined) throw new Error(`${text} is no address`);
  return found;
};
const verdict = (
  host: string,
  address: string,
  app: EgressRules = NO_RULES,
  instance: EgressRules = NO_RULES,
): boolean => decide({ app, instance }, host, bytes(address), false).ok;

describe("special-purpose addresses", () => {
  test.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "fd00::1",
    "fe80::1%eth0",
    "ff02::1",
    "4000::1",
  ])("%s is not public", (address) => {
    expect(specialPurpose(bytes(address))).toBeString();
  });

  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "::ffff:8.8.8.8",
    "2606:4700::1111",
    "2a00::1",
  ])("%s is public", (address) => {
    expect(specialPurpose(bytes(address))).toBeUndefined();
  });

  test("an IPv4-mapped address is judged as the IPv4 address that it stands for", () => {
    fc.assert(
      fc.property(fc.ipV4(), (v4) => {
        expect(bytes(`::ffff:${v4}`)).toEqual(bytes(v4));
      }),
    );
  });

  test("formatting an address and reading it again gives the same bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const parsed = bytes(text);
        expect(bytes(formatAddress(parsed))).toEqual(parsed);
      }),
    );
  });
});

describe("CIDRs", () => {
  test("contain exactly the addresses that share their leading bits", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (base, other, bits) => {
        const cidr = parseCidr(`${base}/${bits}`);
        const number = (text: string): number =>
          bytes(text).reduce((sum, byte) => sum * 256 + byte, 0);
        const block = 2 ** (32 - bits);
        const same = Math.floor(number(base) / block) === Math.floor(number(other) / block);
        expect(cidr !== undefined && contains(cidr, bytes(other))).toBe(same);
      }),
    );
  });
  test.each(["10.0.0.0/33", "10.0.0/8", "::/129", "example.com", "10.0.0.0/x", "10.0.0.0/-1"])(
    "%s is refused",
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );
});

describe("an egress policy", () => {
  const rules = (allow: string[], deny: string[] = []): EgressRules => ({ allow, deny });

  test("lets public addresses through and nothing else when nobody set a rule", () => {
    expect(verdict("example.com", "93.184.215.14")).toBe(true);
    expect(verdict("example.com", "10.0.0.1")).toBe(false);
  });
  test("opens a private network only where both the instance and the app allow it", () => {
    expect(verdict("db", "10.0.0.1", rules(["10.0.0.0/8"]))).toBe(false);
    expect(verdict("db", "10.0.0.1", NO_RULES, rules(["10.0.0.0/8"]))).toBe(false);
    expect(verdict("db", "10.0.0.1", rules(["10.0.0.0/8"]), rules(["10.0.0.0/8"]))).toBe(true);
    expect(verdict("db", "10.0.0.1", rules(["db"]), rules(["10.0.0.0/8"]))).toBe(true);
  });
  test("lets an app narrow, and never widen past what the instance denies", () => {
    expect(verdict("a.example", "1.1.1.1", rules([], ["a.example"]))).toBe(false);
    expect(verdict("a.example", "1.1.1.1", rules(["a.example"]), rules([], ["*.example"]))).toBe(
      false,
    );
  });
  test("takes the most specific rule, and deny where two are equal", () => {
    const only = rules(["api.example"], ["0.0.0.0/0", "::/0"]);
    expect(verdict("api.example", "1.1.1.1", only)).toBe(true);
    expect(verdict("other.example", "1.1.1.1", only)).toBe(false);
    expect(verdict("a.b.example", "1.1.1.1", rules(["*.b.example"], ["*.example"]))).toBe(true);
    expect(verdict("x", "1.1.1.1", rules(["1.1.1.0/24"], ["1.1.1.0/24"]))).toBe(false);
  });
  test("does not take *.host for the host itself", () => {
    expect(verdict("example.com", "1.1.1.1", rules([], ["*.example.com"]))).toBe(true);
    expect(verdict("badexample.com", "1.1.1.1", rules([], ["*.example.com"]))).toBe(true);
  });
  test("refuses this machine's own public address", () => {
    const policy = { app: NO_RULES, instance: NO_RULES };
    const found = decide(policy, "me.example", bytes("8.8.8.8"), true);
    expect(found).toEqual({
      ok: false,
      reason:
        "Connection to me.example (8.8.8.8) is refused: the egress policy allows public addresses only, and this one is this machine's own",
    });
  });
});
