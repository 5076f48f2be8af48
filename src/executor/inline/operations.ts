/**
 * What a script may ask of the host while it runs inside the platform's own process: nothing that has an
 * effect, waits, or computes for long. All else makes the request start anew in an executor process.
 */
import { hostOperations } from "../host/registry.ts";
import type { HostOperations } from "../host/host-function.ts";
import { EngineAbort } from "../engine/imports.ts";

/** Ends a run that is not to be finished here. It passes through the guest, which cannot catch it. */
export class InlineEscape extends EngineAbort {
  constructor(what: string) {
    super(`Not done in the platform's process: ${what}`);
    this.name = "InlineEscape";
  }
}

const ALLOWED = new Set([
  "respond",
  "done",
  "fail",
  "log",
  "unhandled",
  "request.info",
  "env.all",
  "env.get",
  "base64.decode",
  "base64.encode",
  "base64.ofBytes",
  "buffer.decode",
  "buffer.encode",
  "buffer.length",
  "text.decode",
  "text.decodeAs",
  "text.encode",
  "text.encodingOf",
  "text.latin1",
  "url.parse",
  "url.percentDecode",
  "url.set",
  "crypto.digest",
  "crypto.fill",
  "crypto.uuid",
  "nodecrypto.hash",
  "nodecrypto.hmac",
  "nodecrypto.random",
  "performance.now",
  "memory.limit",
  "files.list",
  "files.read",
  "intl.locale",
  "intl.date",
  "intl.formatDate",
  "intl.number",
]);

const refuse = (name: string) => (): never => {
  throw new InlineEscape(name);
};

/** The same names as in an executor process, so that the numbers in an image mean the same. */
export const inlineOperations: HostOperations = Object.fromEntries(
  Object.entries(hostOperations).map(([name, operation]) => [
    name,
    ALLOWED.has(name) ? operation : refuse(name),
  ]),
);
