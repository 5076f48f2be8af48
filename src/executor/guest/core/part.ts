import { onHostEvent } from "../bridge.ts";
import { installIntlStubs } from "../intl-methods/stubs.ts";
import { defineModule, definePart } from "../registry.ts";
import * as body from "./body.ts";
import { indentBy, writeLog } from "./console.ts";
import { installDispatch } from "./dispatch.ts";
import { exchangeOf, factsOf, waitUntil } from "./exchange.ts";
import { installGlobals } from "./globals.ts";
import * as headerList from "./header-list.ts";
import * as headers from "./headers.ts";
import { exchangeOfInfo, picloud } from "./info.ts";
import { recordError, reportException, reportRejection } from "./report.ts";
import * as request from "./request.ts";
import { DEFAULT_OPTIONS, requestList } from "./request-state.ts";
import * as response from "./response.ts";
import { declareEntry, forgetEntry, installModule, serve } from "./serve.ts";
import { installLanguage, NativeWeakRef } from "./language.ts";
import { installStacks } from "./stack.ts";
import { timerGlobals } from "./timers.ts";
import * as webidl from "./webidl.ts";

/** What other parts use of this one: `usePart<Core>("core")`. */
export const core = {
  /** The namespace behind `import ... from "picloud"`. */
  picloud,
  serve,
  declareEntry,
  installModule,
  waitUntil,
  exchangeOf,
  exchangeOfInfo,
  factsOf,
  reportException,
  reportRejection,
  recordError,
  writeLog,
  indentBy,
  webidl,
  timers: timerGlobals,
  headers: { ...headerList, ...headers },
  body,
  request: { ...request, requestList, DEFAULT_OPTIONS },
  response,
  NativeWeakRef,
};

export type Core = typeof core;

definePart("core", core);
defineModule("picloud", () => picloud);
installGlobals();
installStacks();
installLanguage();
installIntlStubs();
installDispatch();
onHostEvent("module", installModule);
onHostEvent("rewind", forgetEntry);
onHostEvent("unhandledrejection", (promise: Promise<unknown>, reason: unknown) =>
  reportRejection(promise, reason, false),
);
onHostEvent("rejectionhandled", (promise: Promise<unknown>) =>
  reportRejection(promise, undefined, true),
);
