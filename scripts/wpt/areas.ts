/** The parts of the Web Platform Tests that a script's runtime can be held to. */

/** Area to the folders and files of the checkout that belong to it. */
export const AREAS: Readonly<Record<string, readonly string[]>> = {
  url: ["url"],
  urlpattern: ["urlpattern"],
  encoding: ["encoding"],
  fetch: ["fetch/api", "fetch/data-urls", "fetch/content-length", "fetch/content-encoding"],
  streams: ["streams"],
  FileAPI: ["FileAPI"],
  "dom/abort": ["dom/abort"],
  "dom/events": ["dom/events"],
  "html/webappapis": [
    "html/webappapis/atob",
    "html/webappapis/microtask-queuing",
    "html/webappapis/scripting",
    "html/webappapis/structured-clone",
    "html/webappapis/timers",
  ],
  WebCryptoAPI: ["WebCryptoAPI"],
  compression: ["compression"],
  "hr-time": ["hr-time"],
  "user-timing": ["user-timing"],
  "performance-timeline": ["performance-timeline"],
  "xhr/formdata": ["xhr/formdata"],
  webidl: ["webidl"],
  webmessaging: ["webmessaging"],
  "wasm/jsapi": ["wasm/jsapi"],
  console: ["console"],
  mimesniff: ["mimesniff"],
  eventsource: ["eventsource"],
  websockets: ["websockets"],
};

/** What the small server beside this file cannot answer (it speaks no TLS and no HTTP/2), and what needs more than a worker. */
const NOT_RUN: readonly RegExp[] = [
  /\.h2\.any\.js$/,
  /^websockets\/(?:stream\/|mixed-content|Create-on-worker-shutdown)/,
];

export const isNotRun = (path: string): boolean => NOT_RUN.some((pattern) => pattern.test(path));
