/**
 * Globals of other runtimes that a sandbox does not have. They stay undefined, because packages ask `typeof`; an
 * uncaught ReferenceError gets the alternative added where it is recorded.
 */
const INSTEAD: Readonly<Record<string, string>> = {
  Worker: "call another script with invoke() of the module picloud",
  SharedWorker: "call another script with invoke() of the module picloud",
  XMLHttpRequest: "use fetch",
  localStorage: "use Deno.openKv",
  sessionStorage: "use Deno.openKv",
  indexedDB: "use Deno.openKv",
  alert: "use console.log",
  confirm: "read the answer from the request",
  prompt: "read the answer from the request",
  document: "there is no page; render HTML as text or with a server renderer",
  window: "use globalThis",
  require: "use import, which also takes npm: and node:",
  module: "use export",
  exports: "use export",
  __dirname: "use import.meta.dirname",
  __filename: "use import.meta.filename",
  Bun: "use the Deno namespace or the web's interfaces",
  SharedArrayBuffer: "use ArrayBuffer; a sandbox has one thread",
  Atomics: "a sandbox has one thread",
  Temporal: "use Date, or a package such as temporal-polyfill",
  importScripts: "use import",
  Notification: "use fetch to a service that notifies",
  RTCPeerConnection: "use WebSocket",
  OffscreenCanvas: "use a package that draws in JavaScript or WebAssembly",
  createImageBitmap: "use a package that decodes images in JavaScript or WebAssembly",
};

const NOT_DEFINED = /^'?([A-Za-z_$][\w$]*)'? is not defined$/;

/** The message, with what to use in PiCloud when it says that a known global is not there. */
export function withHint(name: string, message: string): string {
  const missing = name === "ReferenceError" ? NOT_DEFINED.exec(message)?.[1] : undefined;
  const instead =
    missing !== undefined && Object.hasOwn(INSTEAD, missing) ? INSTEAD[missing] : undefined;
  return instead === undefined ? message : `${message}: not available in PiCloud, ${instead}`;
}
