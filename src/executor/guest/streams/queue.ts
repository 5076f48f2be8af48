/** FIFO with amortised constant time at both ends. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }
  push(item: T): void {
    this.#items[this.#items.length] = item;
  }
  peek(): T {
    return this.#items[this.#head] as T;
  }
  shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head++] = undefined as T;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head > 512 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
  /** Takes everything out. */
  drain(): T[] {
    const items = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.clear();
    return items;
  }
}

interface Sized {
  value: unknown;
  size: number;
}

/** Queue-with-sizes of the Streams Standard. */
export class SizedQueue {
  #items = new Fifo<Sized>();
  total = 0;

  get length(): number {
    return this.#items.length;
  }
  enqueue(value: unknown, size: number): void {
    if (!(size >= 0) || size === Infinity) {
      throw new RangeError("The size of a chunk must be a finite, non-negative number");
    }
    this.#items.push({ value, size });
    this.total += size;
  }
  dequeue(): unknown {
    const { value, size } = this.#items.shift();
    this.total = Math.max(0, this.total - size);
    return value;
  }
  peek(): unknown {
    return this.#items.peek().value;
  }
  reset(): void {
    this.#items.clear();
    this.total = 0;
  }
}
