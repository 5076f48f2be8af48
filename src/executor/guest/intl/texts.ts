import { textOf } from "./arguments.ts";
import { host } from "./host.ts";
import { COLLATOR_OPTIONS } from "./options.ts";
import { defineService, keyOf, parseAnswer } from "./service.ts";

export const Collator = defineService({
  name: "Collator",
  options: COLLATOR_OPTIONS,
  callable: true,
  bound: "compare",
  methods: {
    compare(a: unknown, b: unknown): unknown {
      return host.compare(keyOf(this, "Collator"), textOf(a), textOf(b));
    },
  },
});

/** A list of strings, as JSON. */
function listOf(value: unknown): string {
  const list: string[] = [];
  for (const item of (value ?? []) as Iterable<unknown>) {
    if (typeof item !== "string")
      throw new TypeError("Cannot format the list: an element is not a string");
    list[list.length] = item;
  }
  return JSON.stringify(list);
}

export const ListFormat = defineService({
  name: "ListFormat",
  options: ["localeMatcher", "type", "style"],
  strict: true,
  methods: {
    format(list: unknown): unknown {
      return host.invoke(keyOf(this, "ListFormat"), "format", listOf(list));
    },
    formatToParts(list: unknown): unknown {
      return parseAnswer(host.invoke(keyOf(this, "ListFormat"), "formatToParts", listOf(list)));
    },
  },
});

export const DisplayNames = defineService({
  name: "DisplayNames",
  options: ["localeMatcher", "style", "type", "fallback", "languageDisplay"],
  strict: true,
  needsOptions: true,
  length: 2,
  methods: {
    of(code: unknown): unknown {
      return host.invoke(keyOf(this, "DisplayNames"), "of", textOf(code));
    },
  },
});
