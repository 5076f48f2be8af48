/**
 * Globals of other runtimes that a sandbox does not have. They stay undefined, because packages ask `typeof` and
 * then take another way; the ReferenceError of one that is used says what to use here.
 */
import { definePart } from "../registry.ts";

const STORAGE =
  "keep data in a database, over fetch or Deno.connect; Deno.openKv comes with a later version";
const INSTEAD: Readonly<Record<string, string>> = {
  Worker: "call another script with fetch",
  SharedWorker: "call another script with fetch",
  XMLHttpRequest: "use fetch",
  localStorage: STORAGE,
  sessionStorage: STORAGE,
  indexedDB: STORAGE,
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
  importScripts: "use import",
  ShadowRealm: "use new Function, which is safe inside the sandbox",
  HTMLElement: "there is no page; render HTML as text or with a server renderer",
  DOMParser: "use a package such as linkedom or htmlparser2",
  customElements: "there is no page; render HTML as text or with a server renderer",
  HTMLRewriter: "use a package such as htmlrewriter or linkedom",
  WebSocketPair: "use Deno.upgradeWebSocket",
  FixedLengthStream: "use a ReadableStream and a content-length header",
  EdgeRuntime: "use the Deno namespace or the web's interfaces",
  requestAnimationFrame: "use setTimeout",
  requestIdleCallback: "use setTimeout",
  getComputedStyle: "there is no page",
  matchMedia: "there is no page",
  history: "there is no page; answer with a redirect",
  location: "read request.url",
  Notification: "use fetch to a service that notifies",
  RTCPeerConnection: "use WebSocket",
  OffscreenCanvas: "use a package that draws in JavaScript or WebAssembly",
  WebTransport: "use WebSocket",
  WebSocketStream: "use WebSocket",
  scheduler: "use setTimeout",
  gc: "memory is given back when the request ends",
  GPU: "use a package in JavaScript or WebAssembly",
  ImageData: "use a package that decodes images in JavaScript or WebAssembly",
  Image: "use a package that decodes images in JavaScript or WebAssembly",
  MutationObserver: "there is no page",
  IntersectionObserver: "there is no page",
  ResizeObserver: "there is no page",
  Element: "there is no page; render HTML as text or with a server renderer",
  Node: "there is no page; render HTML as text or with a server renderer",
  XMLSerializer: "use a package such as linkedom",
  AudioContext: "use a package in JavaScript or WebAssembly",
  SpeechSynthesisUtterance: "use fetch to a service that speaks",
  createImageBitmap: "use a package that decodes images in JavaScript or WebAssembly",
};

const NOT_DEFINED = /^'?([A-Za-z_$][\w$]*)'? is not defined$/;

/** Adds to the message what to use in PiCloud, when it says that a known global is not there. */
function explain(error: ReferenceError): void {
  const missing = NOT_DEFINED.exec(error.message)?.[1] ?? "";
  if (!Object.hasOwn(INSTEAD, missing)) return;
  const message = `${missing} is not defined: ${missing} is not available in PiCloud: ${INSTEAD[missing] ?? ""}`;
  Object.defineProperty(error, "message", { value: message, writable: true, configurable: true });
}

export const missingGlobals = { explain };
export type MissingGlobals = typeof missingGlobals;
definePart("missing-globals", missingGlobals);
