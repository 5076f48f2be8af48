/** High Resolution Time and User Timing. */
import type { CaseTable } from "./outcomes.ts";

const thrown = (run: () => unknown): string => {
  try {
    run();
    return "fine";
  } catch (error) {
    return (error as Error).name;
  }
};

export const cases: CaseTable = {
  "now is positive, grows, and is consistent with Date": () => {
    const [a, b] = [performance.now(), performance.now()];
    const wall = performance.timeOrigin + performance.now();
    return [a > 0, b >= a, Math.abs(wall - Date.now()) < 100, typeof performance.timeOrigin];
  },
  "now measures a wait": async () => {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 15));
    const took = performance.now() - start;
    return took > 10 && took < 1000;
  },
  "the object": () => [
    Object.prototype.toString.call(performance),
    performance instanceof EventTarget,
    Object.keys(performance.toJSON() as object).includes("timeOrigin"),
    thrown(() => new (Performance as never as new () => void)()),
    thrown(() => Performance.prototype.now.call({} as Performance)),
  ],
  marks: () => {
    performance.clearMarks();
    const mark = performance.mark("a", { startTime: 5, detail: { x: 1 } });
    performance.mark("b", { startTime: 3 });
    const detail = { x: 1 };
    const copied = performance.mark("c", { startTime: 9, detail }).detail !== detail;
    const found = [
      mark.name,
      mark.entryType,
      mark.startTime,
      mark.duration,
      mark.detail,
      mark instanceof PerformanceMark,
      mark instanceof PerformanceEntry,
      copied,
      performance.getEntriesByType("mark").map(({ name }) => name),
      performance.getEntriesByName("a").length,
      performance.getEntriesByName("a", "measure").length,
    ];
    performance.clearMarks("a");
    found.push(performance.getEntriesByType("mark").length);
    performance.clearMarks();
    return found;
  },
  measures: () => {
    performance.mark("start", { startTime: 10 });
    performance.mark("end", { startTime: 25 });
    const plain = performance.measure("m", "start", "end");
    const options = performance.measure("m2", { start: 1, duration: 4, detail: "d" });
    const back = performance.measure("m3", { end: 10, duration: 4 });
    const whole = performance.measure("m4", undefined, "end");
    const list = [plain, options, back, whole].map(
      ({ name, startTime, duration, detail, entryType }) => [
        name,
        startTime,
        duration,
        detail,
        entryType,
      ],
    );
    performance.clearMeasures();
    performance.clearMarks();
    return [list, performance.getEntriesByType("measure").length];
  },
  "times of resources": () => [
    performance.clearResourceTimings(),
    performance.setResourceTimingBufferSize(5),
    thrown(() =>
      (
        performance as never as { setResourceTimingBufferSize(): void }
      ).setResourceTimingBufferSize(),
    ),
    performance.getEntriesByType("resource"),
  ],
  refusals: () => [
    thrown(() => performance.measure("m", "missing")),
    thrown(() => performance.mark("m", { startTime: -1 })),
    thrown(() => performance.measure("m", { start: 1, end: 2, duration: 3 })),
    thrown(() => performance.measure("m", { detail: 1 } as never)),
    thrown(() => performance.measure("m", { start: 1 }, "end")),
    thrown(() => (performance as never as { mark(): void }).mark()),
    thrown(() => performance.mark("m", { detail: () => 1 })),
  ],
  "a measure without a start": () => {
    performance.mark("end", { startTime: 25 });
    const found = [null, undefined, {}, { start: undefined, more: 1 }].map((start) =>
      [start === null ? "null" : typeof start].concat(
        ["startTime", "duration"].map((key) =>
          String(performance.measure("m", start as never, "end").toJSON()[key as never]),
        ),
      ),
    );
    found.push([
      thrown(() => performance.measure("m", undefined, null as never)),
      thrown(() => PerformanceEntry.prototype.toJSON.call({} as PerformanceEntry)),
    ]);
    performance.clearMarks();
    performance.clearMeasures();
    return found;
  },
  "a mark of one's own": () => {
    const mark = new PerformanceMark("own", { startTime: 2 });
    return [
      mark.name,
      mark.startTime,
      mark.detail,
      performance.getEntriesByName("own").length,
      mark.toJSON(),
    ];
  },
};
