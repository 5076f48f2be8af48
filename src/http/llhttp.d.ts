declare module "_http_common" {
  /** llhttp, as Node has it and Bun too. */
  export class HTTPParser {
    static readonly REQUEST: number;
    static readonly kOnHeaders: number;
    static readonly kOnHeadersComplete: number;
    static readonly kOnBody: number;
    static readonly kOnMessageComplete: number;
    static readonly kLenientNone: number;
    [event: number]: unknown;
    initialize(type: number, resource: object, headBytesMax: number, lenient: number): void;
    /** The bytes taken, or an Error with llhttp's code. */
    execute(chunk: Uint8Array): number | (Error & { code: string; reason: string });
    remove(): void;
    free(): void;
  }
  export const methods: readonly string[];
}
