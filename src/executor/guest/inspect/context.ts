/** What one inspection knows while it goes down a value. */
export interface InspectOptions {
  depth: number;
  colors: boolean;
  compact: boolean;
  showHidden: boolean;
  getters: boolean;
  sorted: boolean;
  breakLength: number;
  iterableLimit: number;
  strAbbreviateSize: number;
  trailingComma: boolean;
  escapeSequences: boolean;
}

export const DEFAULTS: Readonly<InspectOptions> = {
  depth: 4,
  colors: false,
  compact: true,
  showHidden: false,
  getters: false,
  sorted: false,
  breakLength: 80,
  iterableLimit: 100,
  strAbbreviateSize: 10_000,
  trailingComma: false,
  escapeSequences: true,
};

export interface Inspection {
  options: InspectOptions;
  /** Objects that are being written, outermost first. */
  seen: object[];
  /** Objects that something inside them refers to, with their reference numbers. */
  circular: Map<object, number>;
  /** Entries left until the output is cut, so that a huge value cannot use up the execution. */
  budget: number;
  depth: number;
  /** Depth of the object that was written last. */
  deepest: number;
  indent: number;
}

export const begin = (options: InspectOptions): Inspection => ({
  options,
  seen: [],
  circular: new Map(),
  budget: 10_000,
  depth: 0,
  deepest: 0,
  indent: 0,
});
