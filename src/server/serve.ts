/** `picloud serve`: configuration, start, what the terminal says, and the end. */
import { ConfigError, configWarnings, loadConfig, type Config } from "../shared/config/config.ts";
import { configHelp } from "../shared/config/help.ts";
import { createLogger, type Logger } from "../shared/logger.ts";
import { nextSignal } from "./shutdown.ts";
import { startServer, type RunningServer } from "./start.ts";

const USAGE = `Usage: picloud serve

Runs the platform until SIGTERM or SIGINT. All settings are environment variables.

`;

export async function runServe(argv: string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(USAGE + configHelp());
    return 0;
  }
  if (argv.length > 0) {
    process.stderr.write(`error: picloud serve takes no argument \`${argv[0]}\`\n\n${USAGE}`);
    return 2;
  }
  const config = readConfig();
  if (config === null) return 2;
  const logger = createLogger({ level: config.logLevel, format: logFormat(config) });
  for (const warning of configWarnings()) logger.warn(warning);
  const signal = nextSignal(() => process.exit(1));
  try {
    const server = await startServer({ config, env: process.env, logger });
    announce(server, logger);
    return (await server.stop(await signal)) ? 0 : 1;
  } catch (error) {
    logger.error("Cannot start", { error });
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function readConfig(): Config | null {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { message } of error.problems) process.stderr.write(`error: ${message}\n`);
    process.stderr.write("hint: `picloud serve --help` lists every variable\n");
    return null;
  }
}

function logFormat(config: Config): "json" | "human" {
  if (config.logFormat !== "auto") return config.logFormat;
  return process.stderr.isTTY ? "human" : "json";
}

function announce(server: RunningServer, logger: Logger): void {
  logger.info("Listening", {
    url: server.url,
    ...(server.adminUrl === null ? {} : { admin_url: server.adminUrl }),
  });
  const lines = [`PiCloud listens on ${server.url}`];
  if (server.adminUrl !== null) lines.push(`The control plane listens on ${server.adminUrl}`);
  if (server.firstOwner !== null) {
    const { username, passwordFile } = server.firstOwner;
    lines.push(
      passwordFile === null
        ? `The first owner is ${username}, with the password of PICLOUD_ADMIN_PASSWORD`
        : `The first owner is ${username}; the password lies in ${passwordFile}`,
    );
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}
