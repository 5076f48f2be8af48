import type { CaseTable } from "../outcomes.ts";
import { counting, hex, subtle, utf8 } from "./bytes.ts";

const digest = async (name: AlgorithmIdentifier, data: BufferSource): Promise<string> =>
  hex(await subtle.digest(name, data));
const ABC = utf8("abc");
const NAMES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];

export const digestCases: CaseTable = {
  "digest of nothing": () => Promise.all(NAMES.map((name) => digest(name, new Uint8Array()))),
  "digest of abc (FIPS 180-4)": () => Promise.all(NAMES.map((name) => digest(name, ABC))),
  "digest of a million bytes": () =>
    Promise.all(NAMES.map((name) => digest(name, new Uint8Array(1_000_000).fill(97)))),
  "digest by an object and in another case": async () => [
    await digest({ name: "sha-256" }, ABC),
    await digest("Sha-1", ABC),
  ],
  "digest of every view": async () => {
    const buffer = counting(64).buffer;
    return Promise.all(
      [
        buffer,
        new Uint8Array(buffer, 3, 9),
        new DataView(buffer, 3, 9),
        new Uint16Array(buffer, 4, 3),
        new Float64Array(buffer, 8),
      ].map((view) => digest("SHA-256", view)),
    );
  },
  "digest reads the data before it returns": async () => {
    const data = counting(32);
    const promise = subtle.digest("SHA-256", data);
    data.fill(0);
    return hex(await promise);
  },
  "digest of large data reads it before it returns": async () => {
    const data = new Uint8Array(400_000).fill(7);
    const promise = subtle.digest("SHA-256", data);
    data.fill(0);
    return hex(await promise);
  },
  "SHA-3 digests": () =>
    Promise.all(["SHA3-256", "SHA3-384", "SHA3-512"].map((name) => digest(name, ABC))),
};
