/**
 * Members of Node's modules that a sandbox does not have, by what to use in their place. The kernel asks for one when
 * a script reads it: it can be imported and handed on, and says so when it is called.
 */
import { nodeError } from "../node-buffer/errors.ts";
import { definePart } from "../registry.ts";

const READ_ONLY = "a script's files are read-only and read as a whole: use readFile";
const RECORD = "read the execution's record";
const RESOLVER = "use resolve4, resolve6 or Deno.resolveDns";

const MISSING: Readonly<Record<string, readonly (readonly [instead: string, names: string])[]>> = {
  assert: [["use deepStrictEqual", "Assert CallTracker partialDeepStrictEqual"]],
  child_process: [["call another script with fetch", "_forkChild"]],
  cluster: [["the platform runs requests in parallel by itself", "disconnect setupMaster"]],
  console: [["use console", "Console context createTask"]],
  crypto: [
    [
      "use crypto.subtle, or createHash, createHmac and createSign of this module",
      "Certificate Cipheriv Decipheriv DiffieHellman DiffieHellmanGroup Hash Hmac Sign Verify Cipher Decipher",
    ],
    ["use createECDH or crypto.subtle", "createDiffieHellmanGroup getDiffieHellman"],
    ["use generateKeySync or crypto.subtle.generateKey", "generateKey"],
    ["use a package", "checkPrime checkPrimeSync generatePrime generatePrimeSync"],
    ["use publicEncrypt and privateDecrypt", "privateEncrypt publicDecrypt"],
    ["use randomBytes", "pseudoRandomBytes"],
    ["use scrypt, or a package in WebAssembly", "argon2 argon2Sync"],
    ["the platform decides about its engine", "secureHeapUsed setEngine setFips"],
  ],
  dns: [[RESOLVER, "Resolver lookupService resolveAny resolveNaptr reverse"]],
  "dns/promises": [
    [
      RESOLVER,
      "Resolver lookupService resolveAny resolveNaptr reverse getDefaultResultOrder getServers setDefaultResultOrder setServers",
    ],
  ],
  fs: [
    [
      READ_ONLY,
      "BigIntStats Dir ReadStream WriteStream FileReadStream FileWriteStream SyncWriteStream Utf8Stream closeSync fchmod fchmodSync fchown fchownSync fdatasync fdatasyncSync fstat fstatSync glob globSync mkdtempDisposableSync openAsBlob opendir opendirSync read readSync readv readvSync statfs statfsSync writev writevSync _toUnixTimestamp",
    ],
  ],
  "fs/promises": [
    [
      READ_ONLY,
      "glob mkdtempDisposable opendir statfs watch close exists fchmod fchown fdatasync fstat read readv writev",
    ],
  ],
  http: [
    [
      "use createServer or Deno.serve",
      "setGlobalProxyFromEnv ServerImpl _connectionListener setMaxIdleHTTPParsers",
    ],
  ],
  http2: [
    [
      "use fetch",
      "ClientHttp2Session Http2ServerRequest Http2ServerResponse Http2Session Http2Stream ServerHttp2Session getDefaultSettings getPackedSettings getUnpackedSettings performServerHandshake",
    ],
  ],
  inspector: [[RECORD, "waitForDebugger"]],
  "inspector/promises": [[RECORD, "waitForDebugger"]],
  net: [
    [
      "use connect",
      "_createServerHandle _normalizeArgs getDefaultAutoSelectFamilyAttemptTimeout setDefaultAutoSelectFamilyAttemptTimeout",
    ],
  ],
  perf_hooks: [
    [
      "use performance.now",
      "eventLoopUtilization timerify PerformanceNodeTiming PerformanceObserverEntryList PerformanceResourceTiming",
    ],
  ],
  querystring: [["use unescape", "unescapeBuffer"]],
  readline: [["read the request's body", "clearScreenDown"]],
  "readline/promises": [["read the request's body", "Readline"]],
  repl: [["use pic dev", "Recoverable isValidSyntax writer"]],
  sqlite: [["reach a database with fetch or Deno.connect", "backup Session"]],
  stream: [["use two PassThrough streams", "duplexPair"]],
  test: [["test scripts outside of the platform", "getTestContext run suite"]],
  "test/reporters": [["test scripts outside of the platform", "dot junit lcov"]],
  timers: [["use setTimeout and its unref", "_unrefActive active enroll unenroll"]],
  tls: [
    [
      "use connect",
      "CryptoStream parseCertString SecurePair SecureContext convertALPNProtocols createSecurePair getCACertificates setDefaultCACertificates",
    ],
  ],
  url: [["use fileURLToPath", "fileURLToPathBuffer"]],
  util: [
    ["parse the header's text", "MIMEType MIMEParams"],
    ["use a package", "diff"],
    [
      RECORD,
      "convertProcessSignalToExitCode getSystemErrorMessage queryObjects setTraceSigInt _exceptionWithHostPort",
    ],
    ["use console.log", "log"],
  ],
  v8: [
    [
      "use structuredClone or JSON",
      "DefaultDeserializer DefaultSerializer Deserializer Serializer",
    ],
    [
      RECORD,
      "GCProfiler getCppHeapStatistics isStringOneByteRepresentation cachedDataVersionTag getHeapCodeStatistics getHeapSnapshot getHeapSpaceStatistics queryObjects setHeapSnapshotNearHeapLimit stopCoverage takeCoverage writeHeapSnapshot",
    ],
  ],
  vm: [
    [
      "use new Function, which is safe inside the sandbox",
      "Module SyntheticModule createScript measureMemory",
    ],
  ],
  worker_threads: [
    [
      "call another script with fetch",
      "getEnvironmentData isMarkedAsUntransferable markAsUncloneable markAsUntransferable moveMessagePortToContext postMessageToThread receiveMessageOnPort setEnvironmentData",
    ],
  ],
};

function absent(specifier: string, name: string, instead: string): () => never {
  const refuse = function (): never {
    throw nodeError(
      Error,
      "ERR_METHOD_NOT_IMPLEMENTED",
      `${specifier} ${name} is not available in PiCloud: ${instead}`,
    );
  };
  return Object.defineProperty(refuse, "name", { value: name });
}

/** Members that are globals as well. */
const GLOBALS = ["WebSocket", "CloseEvent", "MessageEvent", "URLPattern", "Performance"];

const made = new Map<string, unknown>();

/** The value of a member that the module does not define; undefined for one that Node has not either. */
function find(
  specifier: string,
  name: string,
  exports: { constants?: Record<string, unknown> },
): unknown {
  // Old spellings of constants, and c-ares' codes.
  const constant = Object.hasOwn(exports, "constants") ? exports.constants?.[name] : undefined;
  if (constant !== undefined) return constant;
  const module = specifier.slice("node:".length);
  if (module.startsWith("dns") && /^[A-Z]+$/.test(name)) return `E${name}`;
  if (GLOBALS.includes(name)) return (globalThis as Record<string, unknown>)[name];
  const key = `${specifier} ${name}`;
  if (made.has(key)) return made.get(key);
  const [instead] = MISSING[module]?.find(([, names]) => names.split(" ").includes(name)) ?? [];
  const value = instead === undefined ? undefined : absent(specifier, name, instead);
  made.set(key, value);
  return value;
}

definePart("node-missing", { find });
