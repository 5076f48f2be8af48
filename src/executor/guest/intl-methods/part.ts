/** Entry of the `intl-methods` part: what toLocaleString and its like need, without the constructors of Intl. */
import { definePart } from "../registry.ts";
import { changeCase, compareTexts, formatDate, formatNumber } from "./methods.ts";

const part = { formatDate, formatNumber, compareTexts, changeCase };
export type IntlMethods = typeof part;

definePart("intl-methods", part);
