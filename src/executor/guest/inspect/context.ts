/** What one inspection knows while it goes down a value. */
export interface InspectOptions {
  depth: number;
  colors: boolean;
  /** Levels of nesting that fit one line; false for a line for each entry. */
  compact: boolean | number;
  showHidden: boolean;
  /** Proxies as target and handler; else a proxy is written as its target. */
  showProxy: boolean;
  getters: boolean;
  sorted: boolean;
  breakLength: number;
  iterableLimit: number;
  strAbbreviateSize: number;
  trailingComma: boolean;
  escapeSequences: boolean;
  /** The quotes to prefer. */
  quote: '"' | "'";
}

export const DEFAULTS: Readonly<InspectOptions> = {
  depth: 4,
  colors: false,
  compact: true,
  showHidden: false,
  showProxy: false,
  getters: false,
  sorted: false,
  breakLength: 80,
  iterableLimit: 100,
  strAbbreviateSize: 10_000,
  trailingComma: false,
  escapeSequences: true,
  quote: '"',
};

const LEVELS_ON_A_LINE = 3;

/** SGR codes, on and off. */
const STYLES = {
  special: [36, 39],
  number: [33, 39],
  string: [32, 39],
  undefined: [90, 39],
  null: [1, 22],
  date: [35, 39],
  regexp: [31, 39],
} as const;
export type Style = keyof typeof STYLES;

/** Entries of one whole output, so that a huge value cannot use up the execution. */
const ENTRIES_MAX = 10_000;

export class Inspection {
  readonly options: InspectOptions;
  /** Zero where each entry has a line of its own. */
  readonly compact: number;
  /** Objects that are being written, outermost first. */
  readonly seen: object[] = [];
  /** Objects that something inside them refers to, with their reference numbers. */
  readonly circular = new Map<object, number>();
  budget = ENTRIES_MAX;
  /** Depth of the object that was written last. */
  currentDepth = 0;
  indent = 0;
  /** Writes a value that is `depth` levels down. */
  readonly write: (value: unknown, depth: number, asPart?: boolean) => string;

  constructor(
    options: InspectOptions,
    write: (state: Inspection, value: unknown, depth: number, asPart: boolean) => string,
  ) {
    this.options = options;
    const { compact } = options;
    this.compact = typeof compact === "number" ? compact : compact ? LEVELS_ON_A_LINE : 0;
    this.write = (value, depth, asPart = false) => write(this, value, depth, asPart);
  }
  style(text: string, style: Style): string {
    if (!this.options.colors) return text;
    const [on, off] = STYLES[style];
    return `\u001B[${on}m${text}\u001B[${off}m`;
  }
  /** Runs `work` two columns further in. */
  indented<T>(work: () => T, columns = 2): T {
    this.indent += columns;
    try {
      return work();
    } finally {
      this.indent -= columns;
    }
  }
}
