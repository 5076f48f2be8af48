/** The `{{...}}` of files whose name contains `.sub.`: where the test server listens. */

export interface Origins {
  /** `http://localhost:PORT` */
  main: string;
  ports: readonly [number, number];
}

/** For what needs TLS: nobody listens there, and it is none of the ports that are blocked. */
const NO_PORT = 49_151;

export const isTemplate = (path: string): boolean =>
  path.includes(".sub.") || /[?&]pipe=[^&]*\bsub\b/.test(path);

function valueOf(name: string, origins: Origins, query: URLSearchParams): string {
  const [key = "", first = "", second = ""] = name.split(/[[\]]+/);
  const [main, other] = origins.ports;
  switch (key) {
    case "host":
      return "localhost";
    case "domains":
    case "hosts":
      return `${first}${second}`.includes("nonexistent") ? "nonexistent.invalid" : "127.0.0.1";
    case "ports":
      return String(first === "http" || first === "ws" ? [main, other][Number(second)] : NO_PORT);
    case "location":
      return first === "server" || first === "scheme" ? origins.main : `localhost:${main}`;
    case "GET":
      return query.get(first) ?? "";
    default:
      return name.includes("uuid()") ? Bun.randomUUIDv7() : "";
  }
}

export const substitute = (
  text: string,
  origins: Origins,
  query: URLSearchParams = new URLSearchParams(),
): string =>
  text.replace(/\{\{([^}]+)\}\}/g, (_all, name: string) => valueOf(name, origins, query));
