import type { AppRouting, RouteRow } from "../routing.ts";
import { BucketBuilder } from "./pack.ts";
import { METHOD_OWN, methodNumber } from "./packed.ts";
import { ShapeList } from "./param-shapes.ts";
import { parsePath, type PathPattern } from "./path-pattern.ts";
import { CompiledApp, type HostBuckets } from "./table.ts";

/** Compiles one app's routes. A row whose path does not parse is left out: it was never accepted. */
export function compileApp(id: string, { slug, domains, routes }: AppRouting): CompiledApp {
  const builder = new AppBuilder();
  for (const [index, row] of routes.entries()) {
    const pattern = parsePath(row.path);
    if (pattern.ok) builder.add(pattern, row, index);
  }
  return builder.finish({ id, slug, routes, domains: domains.map((domain) => domain.host) });
}

type Buckets = Map<string, BucketBuilder>;

class AppBuilder {
  readonly #any = new BucketBuilder();
  readonly #strict: Buckets = new Map();
  readonly #wildcard: Buckets = new Map();
  readonly #methods = new Map<string, number>();
  readonly #shapes = new ShapeList();

  add(pattern: PathPattern, row: RouteRow, route: number): void {
    const shape = pattern.kind === "param" ? this.#shapes.numberOf(pattern) : 0;
    this.#bucket(row).add(pattern, { method: this.#methodNumber(row.method), route, shape });
  }

  finish(named: Pick<CompiledApp, "id" | "slug" | "routes" | "domains">): CompiledApp {
    return new CompiledApp({
      ...named,
      methods: this.#methods.size === 0 ? undefined : this.#methods,
      shapes: this.#shapes.own,
      any: this.#any.pack(),
      strict: packAll(this.#strict),
      wildcard: packAll(this.#wildcard),
    });
  }

  #bucket({ hostKind, host }: RouteRow): BucketBuilder {
    if (hostKind === "any" || host === null) return this.#any;
    return hostKind === "wildcard"
      ? builderOf(this.#wildcard, host.slice(2))
      : builderOf(this.#strict, host);
  }

  #methodNumber(name: string): number {
    const known = methodNumber(name) ?? this.#methods.get(name);
    if (known !== undefined) return known;
    const next = METHOD_OWN + this.#methods.size;
    this.#methods.set(name, next);
    return next;
  }
}

function builderOf(buckets: Buckets, host: string): BucketBuilder {
  let builder = buckets.get(host);
  if (builder === undefined) buckets.set(host, (builder = new BucketBuilder()));
  return builder;
}

const packAll = (buckets: Buckets): HostBuckets | undefined =>
  buckets.size === 0
    ? undefined
    : new Map([...buckets].map(([host, builder]) => [host, builder.pack()]));
