import { finishInterface, ILLEGAL_CONSTRUCTOR, illegalInvocation } from "./webidl.ts";

let making = false;

export class Navigator {
  #brand = true;

  constructor() {
    if (!making) throw new TypeError(ILLEGAL_CONSTRUCTOR);
  }

  /** Programs tell runtimes by its start, and Deno's is the one whose interface this is. */
  get userAgent(): string {
    if (!(#brand in this)) illegalInvocation();
    return "Deno/2.9.6 PiCloud";
  }

  get hardwareConcurrency(): number {
    if (!(#brand in this)) illegalInvocation();
    return 1;
  }

  get language(): string {
    if (!(#brand in this)) illegalInvocation();
    return "en-US";
  }

  get languages(): readonly string[] {
    if (!(#brand in this)) illegalInvocation();
    return LANGUAGES;
  }

  get platform(): string {
    if (!(#brand in this)) illegalInvocation();
    return "linux";
  }
}
finishInterface(Navigator, "Navigator");
const LANGUAGES = Object.freeze(["en-US"]);

export function makeNavigator(): Navigator {
  making = true;
  const navigator = new Navigator();
  making = false;
  return navigator;
}
