import { definePart } from "../registry.ts";
import { URLPattern } from "./url-pattern.ts";

export const urlpattern = { URLPattern };

definePart("urlpattern", urlpattern);
