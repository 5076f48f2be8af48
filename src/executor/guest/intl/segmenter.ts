/** Intl.Segmenter: the host finds the ends of the segments, the text is cut here. */
import { textOf } from "./arguments.ts";
import { host } from "./host.ts";
import { defineService, keyOf, parseAnswer } from "./service.ts";

interface SegmentData {
  segment: string;
  index: number;
  input: string;
  isWordLike?: boolean;
}

class Segments {
  readonly #text: string;
  readonly #words: boolean;
  /** End and word-likeness of each segment, in turns. */
  readonly #ends: (number | boolean)[];

  constructor(text: string, words: boolean, ends: (number | boolean)[]) {
    this.#text = text;
    this.#words = words;
    this.#ends = ends;
  }

  #at(place: number): SegmentData {
    const index = place === 0 ? 0 : (this.#ends[place - 2] as number);
    const data: SegmentData = {
      segment: this.#text.slice(index, this.#ends[place] as number),
      index,
      input: this.#text,
    };
    if (this.#words) data.isWordLike = this.#ends[place + 1] as boolean;
    return data;
  }

  /** The segment that holds the code unit at `index`. */
  containing(index?: unknown): SegmentData | undefined {
    const wanted = Math.trunc(Number(index)) || 0;
    if (wanted < 0 || wanted >= this.#text.length) return undefined;
    let low = 0;
    let high = this.#ends.length / 2 - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle * 2] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return this.#at(low * 2);
  }

  *[Symbol.iterator](): Generator<SegmentData> {
    for (let place = 0; place < this.#ends.length; place += 2) yield this.#at(place);
  }
}
delete (Segments.prototype as { constructor?: unknown }).constructor;

export const Segmenter = defineService({
  name: "Segmenter",
  options: ["localeMatcher", "granularity"],
  strict: true,
  methods: {
    segment(input: unknown): unknown {
      const key = keyOf(this, "Segmenter");
      const text = textOf(input);
      const [, , options] = parseAnswer<[string, string[], { granularity?: string }]>(key);
      return new Segments(
        text,
        options.granularity === "word",
        parseAnswer(host.segments(key, text)),
      );
    },
  },
});
