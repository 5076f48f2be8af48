/** Node's binding as far as packages call it: input is collected to the last flush, output handed out in pieces. */
import { join } from "../node-crypto/bytes.ts";

export interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array | null,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  close(): void;
}

const FINISH = 4;

/** `state` gets what is left: room in the output, then bytes of the input. */
export function makeHandle(codec: (data: Uint8Array) => Uint8Array, state: Uint32Array): Handle {
  const chunks: Uint8Array[] = [];
  let made: Uint8Array | undefined;
  let given = 0;
  return {
    writeSync(flush, input, inputAt, inputLength, output, outputAt, outputLength) {
      if (input !== null && inputLength > 0)
        chunks.push(input.slice(inputAt, inputAt + inputLength));
      if (flush === FINISH)
        made ??= codec(join(chunks.length === 0 ? [new Uint8Array(0)] : chunks));
      const piece = made?.subarray(given, given + outputLength) ?? new Uint8Array(0);
      output.set(piece, outputAt);
      given += piece.length;
      state[0] = outputLength - piece.length;
      state[1] = 0;
    },
    close() {
      chunks.length = 0;
      made = undefined;
    },
  };
}
