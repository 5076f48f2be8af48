/** node:os: constants of an imaginary machine; nothing of the real one shows. */
import { memoryUsage } from "./memory.ts";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };
const ERRORS = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EROFS: 30,
};

export const os = {
  EOL: "\n",
  devNull: "/dev/null",
  constants: { signals: SIGNALS, errno: ERRORS, priority: {}, dlopen: {}, UV_UDP_REUSEADDR: 4 },
  arch: () => "arm64",
  platform: () => "linux",
  type: () => "Linux",
  release: () => "6.0.0",
  version: () => "PiCloud",
  machine: () => "aarch64",
  endianness: () => "LE",
  hostname: () => "picloud",
  homedir: () => "/",
  tmpdir: () => "/tmp",
  uptime: () => 0,
  loadavg: () => [0, 0, 0],
  totalmem: () => memoryUsage().heapTotal,
  freemem: () => memoryUsage().heapTotal >> 1,
  availableParallelism: () => 1,
  cpus: () => [
    { model: "PiCloud", speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } },
  ],
  networkInterfaces: () => ({}),
  userInfo: () => ({ uid: 1000, gid: 1000, username: "picloud", homedir: "/", shell: null }),
  getPriority: () => 0,
  setPriority: () => undefined,
};
