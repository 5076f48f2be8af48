/** The same bytes to this listener and to Node's: what do they make of them? */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { Connection, type ConnectionHost } from "../../src/http/connection.ts";
import { RequestHeaders } from "../../src/http/headers.ts";
import { readTarget } from "../../src/http/target.ts";
import type { ReceivedRequest } from "../../src/http/request.ts";
import type { Answer } from "../../src/shared/http.ts";
import { answer, hostOf, noSocket } from "./client.ts";
import { Random, randomStream } from "./random-streams.ts";

interface Seen {
  method: string;
  target: string;
  headers: string;
  body: string;
  isComplete: boolean;
  keepsAlive: boolean;
  isUpgrade?: boolean;
}

interface Sight {
  requests: Seen[];
  /** Why nothing more was read. */
  refusal: string | null;
}

export interface Difference {
  stream: string;
  ours: Sight;
  theirs: Sight;
}

/** How many streams were alike, and those that were not. */
export interface Report {
  streams: number;
  requests: number;
  refusals: number;
  differences: Difference[];
}

const AT_ONCE = 200;

export async function compare(count: number, seed: number): Promise<Report> {
  const random = new Random(seed);
  const report: Report = { streams: 0, requests: 0, refusals: 0, differences: [] };
  await using judge = startJudge();
  while (report.streams < count && report.differences.length < 20) {
    const streams = Array.from({ length: AT_ONCE }, () => randomStream(random));
    const verdicts = await judge.ask(streams);
    for (const [index, pieces] of streams.entries()) {
      const ours = await look(pieces);
      const theirs = verdicts[index] ?? { requests: [], refusal: "no verdict" };
      report.streams += 1;
      report.requests += ours.requests.length;
      if (ours.refusal !== null) report.refusals += 1;
      if (!isAlike(pieces.join(""), ours, theirs))
        report.differences.push({ stream: pieces.join(""), ours, theirs });
    }
  }
  return report;
}

interface Judge extends AsyncDisposable {
  ask(streams: Buffer[][]): Promise<Sight[]>;
}

interface Verdict {
  requests: (Omit<Seen, "headers"> & { headers: string[] })[];
  refusal: string | null;
}

function startJudge(): Judge {
  const child = spawn("node", [path.join(import.meta.dirname, "node-judge.mjs")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(streams) {
      for (const pieces of streams)
        child.stdin.write(`${JSON.stringify(pieces.map((piece) => piece.toString("base64")))}\n`);
      const sights: Sight[] = [];
      for (const _ of streams) {
        const { value } = await lines.next();
        const { requests, refusal } = JSON.parse(String(value)) as Verdict;
        sights.push({
          refusal,
          requests: requests.map((request) => ({
            ...request,
            target: JSON.stringify(readTarget(request.target)) ?? "none",
            headers: JSON.stringify([...new RequestHeaders(request.headers)]),
          })),
        });
      }
      return sights;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await new Promise((resolve) => child.once("exit", resolve));
    },
  };
}

/** What this listener sees. */
async function look(pieces: Buffer[]): Promise<Sight> {
  const sight: Sight = { requests: [], refusal: null };
  let sent = "";
  let isDue = true;
  const due = (): void => void (isDue = true);
  const host: ConnectionHost = {
    ...hostOf((request) => read(request, sight.requests)),
    ready: due,
    written: due,
  };
  const write = (data: string | Uint8Array): number => {
    sent += typeof data === "string" ? data : Buffer.from(data).toString("latin1");
    return data.length;
  };
  const connection = new Connection(host, { ...noSocket, write });
  for (const piece of pieces) {
    connection.received(Buffer.from(piece));
    for (let turns = 0; turns < 2 || isDue; turns++) {
      isDue = false;
      connection.run(Infinity);
      connection.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  sight.refusal = /"title":"([^"]*)"/.exec(sent)?.[1] ?? null;
  connection.destroy();
  return sight;
}

async function read(request: ReceivedRequest, seen: Seen[]): Promise<Answer> {
  const entry: Seen = {
    method: request.method,
    target: JSON.stringify(request.target) ?? "none",
    headers: JSON.stringify([...request.headers]),
    body: "",
    isComplete: false,
    keepsAlive: request.keepsAlive && request.method !== "CONNECT",
    isUpgrade: request.isUpgrade,
  };
  seen.push(entry);
  try {
    entry.body = Buffer.from(await request.bytes()).toString("latin1");
    entry.isComplete = true;
  } catch {
    // Of a request that broke there is no answer, whatever is given here.
  }
  return answer("x");
}

/** Refused here, and not by Node: README.md says why. */
const OURS_ALONE = new Set([
  "The request body is too large",
  "The expectation cannot be met",
  "The transfer coding is not supported",
  "The request head is too large",
  "HTTP version not supported",
]);

/** Refused by the older llhttp alone, though RFC 9110, 5.5 allows it. */
const OLDER = /content-length:[ \t]*\d+ *\t/i;
/** Refused by the newer llhttp alone. */
const NEWER = /transfer-encoding:[ \t]*\r\n/i;

function isAlike(stream: string, ours: Sight, theirs: Sight): boolean {
  if (theirs.refusal === "HPE_INVALID_CONTENT_LENGTH" && OLDER.test(stream)) return true;
  const end = comparedRequests(ours);
  const [seen, expected] = [essence(ours, end), essence(theirs, end)];
  if (ours.refusal !== null && isOursAlone(stream, ours.refusal, theirs))
    return expected.requests.join("\n").startsWith(seen.requests.join("\n"));
  return (
    seen.isRefused === expected.isRefused &&
    seen.requests.join("\n") === expected.requests.join("\n")
  );
}

function isOursAlone(stream: string, refusal: string, theirs: Sight): boolean {
  if (OURS_ALONE.has(refusal) || NEWER.test(stream)) return true;
  // Node says nothing of a fault in the body of a request that asks for another protocol.
  const last = theirs.requests.at(-1);
  return theirs.refusal === null && last?.isComplete === false && ASKS.test(last.headers);
}

const ASKS = /"upgrade",/;

/** Node throws away what comes with a request that asks for another protocol, and all behind one that closes. */
function comparedRequests({ requests }: Sight): number {
  const last = requests.findIndex(
    ({ isComplete, keepsAlive, isUpgrade }) => isComplete && (!keepsAlive || isUpgrade === true),
  );
  return last === -1 ? Infinity : last + 1;
}

/** Of a broken request it does not count what came. */
function essence(
  { requests, refusal }: Sight,
  end: number,
): { requests: string[]; isRefused: boolean } {
  const isRefused = end === Infinity && refusal !== null;
  return {
    isRefused,
    requests: requests
      .slice(0, end)
      .filter(({ isComplete }) => isComplete || !isRefused)
      .map(({ method, target, headers, body, isComplete }) =>
        [method, target, headers, isComplete ? body : "incomplete"].join(" "),
      ),
  };
}
