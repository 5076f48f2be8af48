/** What happens to an error that a listener let escape: the core decides, through this hook. */
let reporter: (error: unknown) => void = (error) => {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (typeof reportError === "function") reportError(error);
};

export function setReporter(report: (error: unknown) => void): void {
  reporter = report;
}

export function reportException(error: unknown): void {
  reporter(error);
}
