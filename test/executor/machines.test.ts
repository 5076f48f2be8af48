import { beforeAll, describe, expect, test } from "bun:test";
import type { Machine } from "../../src/executor/engine/machine.ts";
import { executorMachines, MachinePool } from "../../src/executor/engine/machines.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const IMAGE = {};

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await engineModule();
});

const takeMany = (pool: MachinePool, count: number): Machine[] =>
  Array.from({ length: count }, () => pool.take(IMAGE));

function use(pool: MachinePool, count: number): void {
  for (const machine of takeMany(pool, count)) pool.give(machine);
}

describe("idle machines", () => {
  test("are kept as many as ran at once, and let go when fewer did for a while", () => {
    const pool = new MachinePool(module, { idleKept: 2, idleMax: 10 });
    use(pool, 8);
    expect(pool.idle).toBe(8);
    pool.release();
    expect(pool.idle).toBe(8);
    use(pool, 5);
    pool.release();
    expect(pool.idle).toBe(5);
    pool.release();
    expect(pool.idle).toBe(2);
    pool.release();
    expect(pool.idle).toBe(2);
  });

  test("are never more than the bound", () => {
    const pool = new MachinePool(module, { idleKept: 1, idleMax: 3 });
    use(pool, 5);
    expect(pool.idle).toBe(3);
  });

  test("of those that grew only a few stay", () => {
    const pool = new MachinePool(module, { idleKept: 2, idleMax: 10 });
    const machines = takeMany(pool, 5);
    for (const machine of machines) {
      machine.memory.grow((10 * MIB) / 65_536);
      machine.renewViews();
      pool.give(machine);
    }
    expect(pool.idle).toBe(2);
  });

  test("that hold the image are taken before others, then the one that was not used for longest", () => {
    const pool = new MachinePool(module, { idleKept: 3, idleMax: 3 });
    const [first, second, third] = takeMany(pool, 3);
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    second.loaded = IMAGE;
    for (const machine of [first, second, third]) pool.give(machine);
    expect(pool.take(IMAGE)).toBe(second);
    expect(pool.take(IMAGE)).toBe(first);
  });
});

describe("an executor process", () => {
  test.each([
    ["a board with 1 GiB and 4 cores", 1 * GIB, 4, { idleKept: 8, idleMax: 8 }],
    ["a board with 4 GiB and 4 cores", 4 * GIB, 4, { idleKept: 16, idleMax: 16 }],
    ["a board with 16 GiB and 4 cores", 16 * GIB, 4, { idleKept: 32, idleMax: 64 }],
    ["a server with 256 GiB and 2 cores", 256 * GIB, 2, { idleKept: 32, idleMax: 256 }],
  ])("of %s keeps idle machines by its memory", (_what, memory, cores, expected) => {
    expect(executorMachines(memory, cores)).toEqual(expected);
  });
});
