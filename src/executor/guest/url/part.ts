import { definePart } from "../registry.ts";
import { parseForm, serializeForm } from "./form.ts";
import { resolveObjectURL } from "./object-urls.ts";
import { hasCredentials, parseHref } from "./parse.ts";
import { isURLSearchParams, URLSearchParams } from "./search-params.ts";
import { URL } from "./url.ts";

export const url = {
  URL,
  URLSearchParams,
  isURLSearchParams,
  parseHref,
  hasCredentials,
  parseForm,
  serializeForm,
  resolveObjectURL,
};

export type Url = typeof url;

definePart("url", url);
