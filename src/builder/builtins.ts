/** Modules that the sandbox itself provides. Everything else is bundled from files or packages. */
const NODE_BUILTINS: ReadonlySet<string> = new Set(
  (
    "_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex _stream_passthrough " +
    "_stream_readable _stream_transform _stream_writable assert assert/strict async_hooks buffer child_process cluster " +
    "console constants crypto dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https " +
    "inspector inspector/promises module net os path path/posix path/win32 perf_hooks process punycode querystring " +
    "readline readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys timers " +
    "timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib"
  ).split(" "),
);

/** These exist with the `node:` prefix only. */
const PREFIX_ONLY: ReadonlySet<string> = new Set(["sqlite", "test", "test/reporters", "sea"]);

/** The name under which the sandbox knows a built-in module, or null when it is no such module. */
export function builtinName(specifier: string): string | null {
  if (specifier === "picloud" || specifier.startsWith("picloud:")) return specifier;
  if (specifier.startsWith("node:")) return specifier;
  if (specifier.startsWith("cloudflare:") || specifier.startsWith("bun:")) return specifier;
  const bare = specifier.endsWith("/") ? specifier.slice(0, -1) : specifier;
  return NODE_BUILTINS.has(bare) && bare === specifier ? `node:${bare}` : null;
}

export const isKnownNodeModule = (name: string): boolean =>
  NODE_BUILTINS.has(name.slice("node:".length)) || PREFIX_ONLY.has(name.slice("node:".length));

/**
 * CommonJS, so that the bundler reads every export when it is used, and not when the module loads:
 * parts of the runtime stay unloaded until then, and `execution` follows the request.
 */
export const builtinModuleText = (name: string): string =>
  `module.exports = globalThis[Symbol.for("picloud.module")](${JSON.stringify(name)})`;
