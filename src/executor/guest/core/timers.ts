/** Timers: a list ordered by due time, of which the host wakes the first. */
import { bindHost, kernel, onHostEvent } from "../bridge.ts";
import { reportException } from "./report.ts";
import { requireArguments } from "./webidl.ts";

const arm = bindHost("timer.arm");
const { now } = Date;
const { apply } = Reflect;
// oxlint-disable-next-line no-eval
const globalEval = eval;

interface Timer {
  id: number;
  due: number;
  delay: number;
  repeat: boolean;
  callback: unknown;
  args: unknown[];
  /** The request it was made for. */
  owner: number;
}

let queue: Timer[] = [];
let lastId = 0;
let armedFor = Infinity;
/** Set while an image is at rest: what is due is then relative to the fork's start. */
let frozen = false;
/** Timers of the module itself belong to no request: they work for the latest one. */
let latestRequest = 0;

/** Of two that are due at once the shorter delay goes first: the clock may have ticked between their starts. */
const comesBefore = (queued: Timer, timer: Timer): boolean =>
  queued.due < timer.due || (queued.due === timer.due && queued.delay <= timer.delay);

function insert(timer: Timer): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comesBefore(queue[middle] as Timer, timer)) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, timer);
}

function rearm(): void {
  const first = queue[0];
  if (first === undefined) {
    if (armedFor !== Infinity) arm(-1);
    armedFor = Infinity;
    return;
  }
  if (first.due === armedFor) return;
  armedFor = first.due;
  arm(Math.max(0, first.due - now()));
}

function checkThis(receiver: unknown): void {
  if (receiver !== undefined && receiver !== null && receiver !== globalThis)
    throw new TypeError("Illegal invocation");
}

function toDelay(value: unknown): number {
  const delay = +(value as number) | 0;
  return delay < 0 ? 0 : delay;
}

function add(callback: unknown, delay: unknown, repeat: boolean, args: unknown[]): number {
  const handler = typeof callback === "function" ? callback : `${callback as string}`;
  const ms = toDelay(delay);
  const id = ++lastId;
  insert({
    id,
    due: now() + ms,
    delay: ms,
    repeat,
    callback: handler,
    args,
    owner: kernel.currentRequest,
  });
  rearm();
  return id;
}

function remove(id: unknown): void {
  const wanted = +(id as number) | 0;
  const at = queue.findIndex((timer) => timer.id === wanted);
  if (at < 0) return;
  queue.splice(at, 1);
  rearm();
}

function run(timer: Timer): void {
  kernel.currentRequest = timer.owner === 0 ? latestRequest : timer.owner;
  try {
    if (typeof timer.callback === "function") apply(timer.callback, globalThis, timer.args);
    else globalEval(timer.callback as string);
  } catch (error) {
    reportException(error);
  }
}

const tick = Promise.resolve();

/** Runs what is due now, with the promise jobs of each timer before the next one. */
function runDue(): void {
  armedFor = Infinity;
  const first = queue[0];
  if (first === undefined) return;
  if (first.due > now()) {
    rearm();
    return;
  }
  queue.shift();
  if (first.repeat) {
    // An interval of 0 must not starve others: at least a millisecond lies between two runs.
    first.due = Math.max(now(), first.due) + Math.max(1, first.delay);
    insert(first);
  }
  run(first);
  if (queue.length === 0) return;
  if ((queue[0] as Timer).due <= now()) arm(0);
  else rearm();
}

onHostEvent("timer", runDue);

/** Makes due times relative, so that the image can be started at any time. */
export function freezeTimers(): void {
  if (queue.length === 0) return;
  const at = now();
  for (let i = 0; i < queue.length; i++) (queue[i] as Timer).due -= at;
  frozen = true;
}

/** Called with each request: the first one starts the timers of the image. */
export function thawTimers(requestId: number): void {
  latestRequest = requestId;
  if (!frozen) return;
  frozen = false;
  const at = now();
  for (let i = 0; i < queue.length; i++) {
    const timer = queue[i] as Timer;
    timer.due = Math.max(0, timer.due) + at;
  }
  armedFor = Infinity;
  rearm();
}

/** Drops the timers of a request that has ended. */
export function dropTimers(owner: number): void {
  if (queue.length === 0) return;
  queue = queue.filter((timer) => timer.owner !== owner);
  rearm();
}

export const timerGlobals = {
  setTimeout(this: unknown, callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
    checkThis(this);
    requireArguments(arguments.length, 1, "Failed to execute 'setTimeout'");
    return add(callback, delay, false, args);
  },
  setInterval(this: unknown, callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
    checkThis(this);
    requireArguments(arguments.length, 1, "Failed to execute 'setInterval'");
    return add(callback, delay, true, args);
  },
  clearTimeout(this: unknown, id: unknown = 0): void {
    checkThis(this);
    remove(id);
  },
  clearInterval(this: unknown, id: unknown = 0): void {
    checkThis(this);
    remove(id);
  },
  queueMicrotask(callback: () => void): void {
    requireArguments(arguments.length, 1, "Failed to execute 'queueMicrotask'");
    if (typeof callback !== "function")
      throw new TypeError("Failed to execute 'queueMicrotask': parameter 1 is not a function");
    void tick.then(() => {
      try {
        callback();
      } catch (error) {
        reportException(error);
      }
    });
  },
};
