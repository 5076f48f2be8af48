/** A pattern given as one string, such as "https://:sub.example.com/books/*", split into its components. */
import { canonicalProtocol, SPECIAL_SCHEMES } from "./canonical.ts";
import { compileComponent, testComponent } from "./component.ts";
import type { ComponentName, Init } from "./init.ts";
import { type Token, tokenize } from "./tokenize.ts";

type State = "init" | "authority" | "done" | ComponentName;

const BEFORE_HOSTNAME: readonly State[] = ["protocol", "authority", "username", "password"];
const BEFORE_PATHNAME: readonly State[] = [...BEFORE_HOSTNAME, "hostname", "port"];
const NO_COMPONENT: readonly State[] = ["init", "authority", "done"];

class Splitter {
  readonly result: Init = {};
  readonly #points: string[];
  readonly #tokens: Token[];
  #state: State = "init";
  #at = 0;
  #step = 1;
  #start = 0;
  #groups = 0;
  #brackets = 0;
  #special = false;

  constructor(input: string) {
    this.#points = Array.from(input);
    this.#tokens = tokenize(this.#points, true);
  }

  run(): Init {
    while (this.#at < this.#tokens.length && this.#state !== "done") {
      this.#step = 1;
      const token = this.#tokens[this.#at] as Token;
      if (token.type === "end") this.#end();
      else if (token.type === "open") this.#groups++;
      else if (this.#groups > 0 && token.type !== "close") {
        // Inside a group nothing separates components.
      } else {
        if (this.#groups > 0) this.#groups--;
        this.#next();
      }
      this.#at += this.#step;
    }
    if (this.result.hostname !== undefined && this.result.port === undefined) this.result.port = "";
    return this.result;
  }

  #end(): void {
    if (this.#state === "init") {
      this.#rewind("init");
      if (this.#isPlain("#")) this.#change("hash", 1);
      else if (this.#isSearch()) this.#change("search", 1);
      else this.#change("pathname", 0);
    } else if (this.#state === "authority") {
      this.#rewind("hostname");
    } else {
      this.#change("done", 0);
    }
  }

  #next(): void {
    switch (this.#state) {
      case "init":
        if (this.#isPlain(":")) this.#rewind("protocol");
        return;
      case "protocol":
        if (this.#isPlain(":")) this.#endProtocol();
        return;
      case "authority":
        if (this.#isPlain("@")) this.#rewind("username");
        else if (this.#isPlain("/") || this.#isSearch() || this.#isPlain("#"))
          this.#rewind("hostname");
        return;
      case "username":
        if (this.#isPlain(":")) this.#change("password", 1);
        else if (this.#isPlain("@")) this.#change("hostname", 1);
        return;
      case "password":
        if (this.#isPlain("@")) this.#change("hostname", 1);
        return;
      case "hostname":
        if (this.#isPlain("[")) this.#brackets++;
        else if (this.#isPlain("]")) this.#brackets--;
        else if (this.#isPlain(":") && this.#brackets === 0) this.#change("port", 1);
        else this.#afterAuthority();
        return;
      case "port":
        this.#afterAuthority();
        return;
      case "pathname":
        if (this.#isSearch()) this.#change("search", 1);
        else if (this.#isPlain("#")) this.#change("hash", 1);
        return;
      case "search":
        if (this.#isPlain("#")) this.#change("hash", 1);
        return;
      default:
    }
  }

  #afterAuthority(): void {
    if (this.#isPlain("/")) this.#change("pathname", 0);
    else if (this.#isSearch()) this.#change("search", 1);
    else if (this.#isPlain("#")) this.#change("hash", 1);
  }

  #endProtocol(): void {
    const options = { delimiter: "", prefix: "", ignoreCase: false };
    const protocol = compileComponent(this.#text(), options, canonicalProtocol);
    this.#special = SPECIAL_SCHEMES.some((scheme) => testComponent(protocol, scheme));
    if (this.#isPlain("/", this.#at + 1) && this.#isPlain("/", this.#at + 2))
      this.#change("authority", 3);
    else this.#change(this.#special ? "authority" : "pathname", 1);
  }

  #text(): string {
    const from = (this.#tokens[this.#start] as Token).index;
    return this.#points.slice(from, (this.#tokens[this.#at] as Token).index).join("");
  }

  #change(to: State, skip: number): void {
    const from = this.#state;
    const { result } = this;
    if (!NO_COMPONENT.includes(from)) result[from as ComponentName] = this.#text();
    if (from !== "init" && to !== "done") {
      const toQuery = to === "search" || to === "hash";
      if (BEFORE_HOSTNAME.includes(from) && (toQuery || to === "port" || to === "pathname"))
        result.hostname ??= "";
      if (BEFORE_PATHNAME.includes(from) && toQuery) result.pathname ??= this.#special ? "/" : "";
      if ((BEFORE_PATHNAME.includes(from) || from === "pathname") && to === "hash")
        result.search ??= "";
    }
    this.#state = to;
    this.#at += skip;
    this.#start = this.#at;
    this.#step = 0;
  }

  #rewind(state: State): void {
    this.#state = state;
    this.#at = this.#start;
    this.#step = 0;
  }

  /** The token is this character itself, not a part of the pattern syntax. */
  #isPlain(value: string, at = this.#at): boolean {
    const token = this.#tokens[at];
    return (
      token?.value === value &&
      (token.type === "char" || token.type === "escaped" || token.type === "invalid")
    );
  }

  /** A question mark that is no modifier of what stands before it. */
  #isSearch(): boolean {
    if (this.#isPlain("?")) return true;
    if (this.#tokens[this.#at]?.value !== "?") return false;
    const before = this.#tokens[this.#at - 1]?.type;
    return before !== "name" && before !== "regexp" && before !== "close" && before !== "asterisk";
  }
}

export const splitPattern = (input: string): Init => new Splitter(input).run();
