/** PerformanceObserver of Performance Timeline. */
import type { CaseTable } from "./outcomes.ts";

const thrown = (run: () => unknown): string => {
  try {
    run();
    return "fine";
  } catch (error) {
    return (error as Error).name;
  }
};

const idle = (): void => {};

/** Names of what the first call of an observer brings. */
const firstCall = (
  options: PerformanceObserverInit,
  act: () => void,
): Promise<[names: string[], extra: unknown]> =>
  new Promise((resolve) => {
    const observer = new PerformanceObserver(function (this: unknown, list, self) {
      self.disconnect();
      const names = list.getEntries().map(({ entryType, name }) => `${entryType} ${name}`);
      const extra = [
        this === observer,
        self === observer,
        Object.prototype.toString.call(list),
        list.getEntriesByType("mark").length,
        list.getEntriesByName("a").length,
        list.getEntriesByName("a", "measure").length,
      ];
      performance.clearMarks();
      performance.clearMeasures();
      resolve([names, extra]);
    });
    observer.observe(options);
    act();
  });

export const cases: CaseTable = {
  "an observer hears of marks and measures in one call": () =>
    firstCall({ entryTypes: ["mark", "measure", "unheard-of"] }, () => {
      performance.mark("b", { startTime: 7 });
      performance.mark("a", { startTime: 3 });
      performance.measure("m", { start: 5, end: 6 });
    }),
  "a type that is not observed is not heard of": () =>
    firstCall({ type: "measure" }, () => {
      performance.mark("a", { startTime: 1 });
      performance.measure("m", { start: 1, end: 2 });
    }),
  "the call comes in a later task": async () => {
    const steps: string[] = [];
    const called = firstCall({ type: "mark" }, () => performance.mark("a")).then(() =>
      steps.push("called"),
    );
    steps.push("now");
    await Promise.resolve();
    steps.push("microtask");
    await called;
    return steps;
  },
  "buffered brings what was there before": () => {
    performance.clearMarks();
    performance.mark("early", { startTime: 2 });
    return firstCall({ type: "mark", buffered: true }, idle);
  },
  "records are taken once, and forgotten by disconnect": () => {
    const observer = new PerformanceObserver(idle);
    const counts = [observer.takeRecords().length];
    observer.observe({ entryTypes: ["mark"] });
    performance.mark("a");
    performance.mark("b");
    counts.push(observer.takeRecords().length, observer.takeRecords().length);
    performance.mark("c");
    observer.disconnect();
    performance.mark("d");
    counts.push(observer.takeRecords().length);
    performance.clearMarks();
    return counts;
  },
  "types add up, lists of types replace each other": () => {
    const [single, list] = [new PerformanceObserver(idle), new PerformanceObserver(idle)];
    single.observe({ type: "mark" });
    single.observe({ type: "measure" });
    list.observe({ entryTypes: ["mark"] });
    list.observe({ entryTypes: ["measure"] });
    performance.mark("a");
    performance.measure("m");
    const heard = [single, list].map((observer) => observer.takeRecords().map(({ name }) => name));
    single.disconnect();
    list.disconnect();
    performance.clearMarks();
    performance.clearMeasures();
    return heard.map((names) => names.sort());
  },
  "what observe and the constructor refuse": () => {
    const observe = (...all: object[]) =>
      thrown(() => {
        const observer = new PerformanceObserver(idle);
        for (const options of all) observer.observe(options);
        observer.disconnect();
      });
    return [
      observe({}),
      observe({ entryTypes: "mark" }),
      observe({ entryTypes: [] }),
      observe({ type: "unheard-of" }),
      observe({ type: "mark", entryTypes: ["mark"] }),
      observe({ type: "mark" }, { entryTypes: ["mark"] }),
      observe({ entryTypes: ["mark"] }, { type: "mark" }),
      thrown(() => new (PerformanceObserver as never as new (callback: unknown) => void)(1)),
      thrown(() => new (PerformanceObserverEntryList as never as new () => void)()),
    ];
  },
  "the supported types": () => [
    PerformanceObserver.supportedEntryTypes.includes("mark"),
    PerformanceObserver.supportedEntryTypes.includes("measure"),
    Object.isFrozen(PerformanceObserver.supportedEntryTypes),
    PerformanceObserver.supportedEntryTypes === PerformanceObserver.supportedEntryTypes,
  ],
};
