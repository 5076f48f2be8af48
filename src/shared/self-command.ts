/** The command that starts this very program again: the executable, or bun with the entry file. */
export const isCompiled = (): boolean =>
  Bun.main.startsWith("/$bunfs/") || Bun.main.startsWith("B:\\~BUN\\");

export function selfCommand(...args: string[]): string[] {
  return isCompiled() ? [process.execPath, ...args] : [process.execPath, Bun.main, ...args];
}
