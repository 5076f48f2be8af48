import { expect, test } from "bun:test";
import { compare } from "./differential.ts";

// Longer, and with other seeds: `npm run fuzz:http`.
test("2,000 random streams are the same requests and refusals as to Node's server, whatever pieces they come in", async () => {
  const { differences, requests, refusals } = await compare(2_000, 1);
  expect(differences).toEqual([]);
  expect(requests).toBeGreaterThan(1_000);
  expect(refusals).toBeGreaterThan(200);
}, 60_000);
