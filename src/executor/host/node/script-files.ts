/** The author's own files, as the script may read them. */
import type { HostOperations } from "../host-function.ts";

const encoder = new TextEncoder();

export const scriptFileOperations: HostOperations = {
  /** JSON list of path and size in bytes. */
  "files.list": (context) =>
    JSON.stringify([
      ...Object.entries(context.script.files).map(([path, text]) => [
        path,
        Buffer.byteLength(text),
      ]),
      ...Object.entries(context.script.assets ?? {}).map(([path, base64]) => [
        path,
        Buffer.byteLength(base64, "base64"),
      ]),
    ]),
  /** Bytes of one file; undefined for none. */
  "files.read": (context, path) => {
    const { files, assets = {} } = context.script;
    const name = String(path);
    if (Object.hasOwn(files, name)) return encoder.encode(files[name]);
    if (Object.hasOwn(assets, name)) return Uint8Array.fromBase64(assets[name] ?? "");
    return undefined;
  },
};
