/** From what an author uploads to the one module that runs. The manager calls it when a script is saved. */
export interface BuildInput {
  /** Path without leading slash to text. */
  files: Readonly<Record<string, string>>;
  /** Files that are no text: path to base64. An import takes them as bytes or as a WebAssembly module. */
  assets?: Readonly<Record<string, string>>;
  /** A key of `files`. */
  entry: string;
  /** The engine found the module to be no JavaScript: refuse it with the place of the mistake, if it is found. */
  strict?: boolean;
  /** Versions to keep, from an earlier build of the same script. */
  lock?: BuildLock;
}

/** Which package versions a build took: specifiers such as `npm:hono@^4`, and the archives behind them. */
export interface BuildLock {
  /** `npm:hono@^4` or `jsr:@std/path@1` to the exact version. */
  specifiers: Record<string, string>;
  /** `hono@4.13.19` to its archive's Subresource Integrity (sha512). */
  integrity: Record<string, string>;
}

export type BuildResult =
  | {
      ok: true;
      /** One ES module of plain JavaScript, npm and jsr code included. */
      code: string;
      /** Source map v3 (JSON) back to the author's files, or null. */
      sourceMap: string | null;
      /** The author's files as they are stored. */
      files: Record<string, string>;
      /** Bundled packages, `npm:name` or `jsr:@scope/name` to the exact version. */
      packages: Record<string, string>;
      /** Pass it to the next build of the same script to get the same packages. */
      lock?: BuildLock;
    }
  | {
      ok: false;
      /** Path of one of the author's files. Line and column count from 1. */
      file: string;
      line: number;
      column: number;
      message: string;
    };

export interface ScriptBuilder {
  /** Never rejects for what the author wrote. */
  build(input: BuildInput): Promise<BuildResult>;
}
