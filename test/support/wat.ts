/** WebAssembly text to bytes, for tests. */
import binaryen from "binaryen";

const { Features } = binaryen;

/** Throws with the parser's words for text that is not valid. */
export function assembleWat(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(
      Features.BulkMemory |
        Features.ExceptionHandling |
        Features.GC |
        Features.Multivalue |
        Features.MutableGlobals |
        Features.ReferenceTypes |
        Features.TailCall,
    );
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}
