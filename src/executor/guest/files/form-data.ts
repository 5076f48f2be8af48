/** FormData of the XMLHttpRequest standard. */
import { usePart } from "../registry.ts";
import type { Core } from "../core/part.ts";
import { type Blob, blobBytes, blobFromBytes, File, isBlob, isFile } from "./blob.ts";

const {
  definePairIterable,
  finishInterface,
  illegalInvocation,
  isObject,
  requireArguments,
  toUSVString,
} = usePart<Core>("core").webidl;

export type FormEntry = [name: string, value: string | File];

let entriesIn: (form: FormData) => FormEntry[];
let isFormObject: (value: unknown) => value is FormData;

const WHERE = (member: string): string => `Failed to execute '${member}' on 'FormData'`;

function asFile(blob: Blob, fileName: string | undefined): File {
  if (isFile(blob) && fileName === undefined) return blob;
  const lastModified = isFile(blob) ? blob.lastModified : Date.now();
  const { type } = blob;
  return new File([blobFromBytes(blobBytes(blob), "")], fileName ?? "blob", { type, lastModified });
}

/** Picks the overload by the arguments, as WebIDL does. */
function toEntry(
  given: number,
  member: string,
  name: unknown,
  value: unknown,
  fileName: unknown,
): FormEntry {
  requireArguments(given, 2, WHERE(member));
  if (isBlob(value)) {
    const text = toUSVString(name);
    return [text, asFile(value, fileName === undefined ? undefined : toUSVString(fileName))];
  }
  if (given >= 3) throw new TypeError(`${WHERE(member)}: parameter 2 is not of type 'Blob'`);
  return [toUSVString(name), toUSVString(value)];
}

export class FormData {
  #entries: FormEntry[] = [];

  constructor(form: unknown = undefined, submitter: unknown = undefined) {
    if (form !== undefined || (submitter !== undefined && submitter !== null)) {
      throw new TypeError(
        "Failed to construct 'FormData': there are no form elements here, so it takes no arguments",
      );
    }
  }

  append(name: unknown, value: unknown, fileName: unknown = undefined): void {
    const entries = this.#entries;
    entries.push(toEntry(arguments.length, "append", name, value, fileName));
  }

  delete(name: unknown): void {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, WHERE("delete"));
    const wanted = toUSVString(name);
    this.#entries = entries.filter((entry) => entry[0] !== wanted);
  }

  get(name: unknown): string | File | null {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, WHERE("get"));
    const wanted = toUSVString(name);
    const found = entries.find((entry) => entry[0] === wanted);
    return found === undefined ? null : found[1];
  }

  getAll(name: unknown): (string | File)[] {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, WHERE("getAll"));
    const wanted = toUSVString(name);
    return entries.filter((entry) => entry[0] === wanted).map((entry) => entry[1]);
  }

  has(name: unknown): boolean {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, WHERE("has"));
    const wanted = toUSVString(name);
    return entries.some((entry) => entry[0] === wanted);
  }

  set(name: unknown, value: unknown, fileName: unknown = undefined): void {
    const entries = this.#entries;
    const entry = toEntry(arguments.length, "set", name, value, fileName);
    const at = entries.findIndex((other) => other[0] === entry[0]);
    if (at < 0) {
      entries.push(entry);
      return;
    }
    entries[at] = entry;
    this.#entries = entries.filter((other, index) => index <= at || other[0] !== entry[0]);
  }

  static {
    isFormObject = (value): value is FormData => isObject(value) && #entries in value;
    entriesIn = (form) => {
      if (!(#entries in form)) illegalInvocation();
      return form.#entries;
    };
  }
}
definePairIterable(FormData, "FormData", (form, index) => entriesIn(form)[index]);
finishInterface(FormData, "FormData");

export const isFormData = (value: unknown): value is FormData => isFormObject(value);
export const formEntries = (form: FormData): FormEntry[] => entriesIn(form);
