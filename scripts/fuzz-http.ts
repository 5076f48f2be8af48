/** `npm run fuzz:http [-- STREAMS [SEED]]`: random bytes to the listener and to Node's; prints what they disagree on. */
import { compare } from "../test/http/differential.ts";

const [, , streams = "100000", seed = String(Date.now() % 2 ** 31)] = process.argv;
const began = performance.now();
const { differences, ...figures } = await compare(Number(streams), Number(seed));
for (const difference of differences) console.log(JSON.stringify(difference, null, 2));
console.log(JSON.stringify({ seed, ...figures, differences: differences.length }));
console.log(`${((performance.now() - began) / 1000).toFixed(1)} s`);
process.exitCode = differences.length > 0 ? 1 : 0;
