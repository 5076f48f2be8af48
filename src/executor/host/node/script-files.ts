/** The author's own files, as the script may read them. */
import type { HostOperations } from "../host-function.ts";

const encoder = new TextEncoder();

export const scriptFileOperations: HostOperations = {
  /** JSON list of path and size in bytes. */
  "files.list": (context) =>
    JSON.stringify(
      Object.entries(context.script.files).map(([path, text]) => [path, Buffer.byteLength(text)]),
    ),
  /** Bytes of one file; undefined for none. */
  "files.read": (context, path) => {
    const { files } = context.script;
    const name = String(path);
    const text = Object.hasOwn(files, name) ? files[name] : undefined;
    return text === undefined ? undefined : encoder.encode(text);
  },
};
