/** `/metrics`: who may read it, and what stands in it. */
import { timingSafeEqual } from "node:crypto";
import type { CredentialCache } from "../../manager/authz/credential-cache.ts";
import { decide } from "../../manager/authz/decide.ts";
import { readCredential } from "../../manager/authz/tokens.ts";
import type { RecordingSink } from "../../manager/recording/sink.ts";
import type { DataPlane } from "../../orchestrator/data-plane.ts";
import type { ExecutorClient } from "../../shared/execution.ts";

const FORWARDING = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
] as const;
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

interface AccessOptions {
  /** PICLOUD_METRICS_TOKEN. */
  token: string | null;
  callers: CredentialCache;
}

/** From loopback without a proxy between, by the metrics token, or by a caller with `instance:admin`. */
export function metricsAccess({ token, callers }: AccessOptions) {
  return async (request: Request, address: string | null): Promise<boolean> => {
    const proxied = FORWARDING.some((name) => request.headers.has(name));
    if (!proxied && address !== null && LOOPBACK.test(address)) return true;
    const bearer = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined && token !== null && equal(bearer, token)) return true;
    const found = readCredential(request.headers);
    if (found === null) return false;
    const principal = await callers.resolve(found.credential, (read) => read).catch(() => null);
    if (principal?.kind === "user" && principal.lacksSecondFactor) return false;
    return decide(principal, null, "InstanceManageUsers").allow;
  };
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

interface Sources {
  dataPlane: DataPlane;
  executor: ExecutorClient;
  sink: RecordingSink;
}

export function renderMetrics({ dataPlane, executor, sink }: Sources): string {
  const stats = executor.stats();
  const records = sink.stats();
  const rows: [name: string, type: "gauge" | "counter", help: string, value: number][] = [
    ["picloud_executor_processes", "gauge", "Executor processes.", stats.processes],
    ["picloud_images", "gauge", "Script images in memory.", stats.images],
    ["picloud_image_bytes", "gauge", "Memory of script images.", stats.imageBytes],
    [
      "picloud_inline_executions_total",
      "counter",
      "Executions in the platform's own process.",
      stats.inlineRuns ?? 0,
    ],
    [
      "picloud_inline_escapes_total",
      "counter",
      "Executions begun in the platform's own process that started anew in an executor process.",
      stats.inlineEscapes ?? 0,
    ],
    [
      "picloud_records_buffered",
      "gauge",
      "Execution records that wait to be written.",
      records.buffered,
    ],
    ["picloud_records_written_total", "counter", "Execution records written.", records.written],
    ["picloud_records_dropped_total", "counter", "Execution records dropped.", records.dropped],
    [
      "picloud_memory_bytes",
      "gauge",
      "Resident memory of this process.",
      process.memoryUsage.rss(),
    ],
  ];
  const text = rows.map(
    ([name, type, help, value]) =>
      `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`,
  );
  return dataPlane.metrics.render() + text.join("");
}
