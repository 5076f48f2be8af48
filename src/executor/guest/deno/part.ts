/**
 * The Deno object. `serve` is all that most scripts touch, so the rest comes with part `deno-system`, on the
 * first look at anything else.
 */
import { definePart, usePart } from "../registry.ts";

type Members = Record<string | symbol, unknown>;

const Deno: Members = {
  serve: (first: unknown, second?: unknown): unknown =>
    usePart<{ serve(first: unknown, second?: unknown): unknown }>("core").serve(first, second),
};

function complete(): Members {
  if (Object.getPrototypeOf(Deno) !== Object.prototype) {
    Object.setPrototypeOf(Deno, Object.prototype);
    usePart<{ install(target: Members): void }>("deno-system").install(Deno);
  }
  return Deno;
}

const rest = new Proxy(Object.create(null) as Members, {
  get: (_target, name) => complete()[name],
  has: (_target, name) => name in complete(),
});
Object.setPrototypeOf(Deno, rest);

definePart("deno", { Deno, complete });
