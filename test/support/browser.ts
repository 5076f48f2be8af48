/** A real Chromium from npm alone. Where it cannot start the tests fail: what they hold is held nowhere else. */
import chromium from "@sparticuz/chromium";
import { chromium as driver, type Browser } from "playwright-core";

/** Not the list that the package offers: it turns web security off, and nothing would be tested. As root there is no sandbox. */
const ARGS = ["--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage"];

/** @param hosts names that lead to this machine, such as `*.example.com` */
export async function openBrowser(hosts: readonly string[]): Promise<Browser> {
  // Its headless build carries the shared libraries that a bare system lacks; this makes it unpack them.
  process.env["AWS_LAMBDA_JS_RUNTIME"] ??= "nodejs22.x";
  const executablePath = await chromium.executablePath();
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(",");
  try {
    return await driver.launch({
      executablePath,
      headless: true,
      args: [...ARGS, `--host-resolver-rules=${rules}`],
    });
  } catch (cause) {
    throw new Error(
      `Cannot start Chromium of @sparticuz/chromium: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
