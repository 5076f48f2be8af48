/** Classes that old packages call without `new`, on an object of their own, and inherit from by prototype. */
type Class = new (...args: never[]) => object;

/** `define` extends the base it is given; what it makes can be constructed, extended and called. */
export function callable<Parent extends Class, Made extends Class>(
  parent: Parent,
  define: (base: Parent) => Made,
): Made {
  /** The object that the next construction sets up in place of one of its own. */
  let adopted: object | undefined;
  const base = function (...args: never[]): object {
    const own = adopted;
    adopted = undefined;
    if (own === undefined) return Reflect.construct(parent, args, new.target) as object;
    Reflect.apply(parent, own, args);
    return own;
  };
  base.prototype = parent.prototype as unknown;
  const made = define(Object.setPrototypeOf(base, parent) as Parent);
  const setUp = (own: object, args: never[]): void => {
    adopted = own;
    try {
      Reflect.construct(made, args);
    } finally {
      adopted = undefined;
    }
  };
  const called = function (this: object | undefined, ...args: never[]): object | undefined {
    if (new.target !== undefined) return Reflect.construct(made, args, new.target) as object;
    if (!(this instanceof called)) return Reflect.construct(made, args, called) as object;
    setUp(this as object, args);
    return undefined;
  };
  called.prototype = made.prototype as unknown;
  Object.defineProperty(made.prototype, "constructor", { value: called });
  return Object.defineProperty(Object.setPrototypeOf(called, made), "name", {
    value: made.name,
  }) as Made;
}
