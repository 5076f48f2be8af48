/** The host's side; see host/intl. */
import { bindHost } from "../bridge.ts";

export const host = {
  check: bindHost("intl.check"),
  number: bindHost("intl.number"),
  date: bindHost("intl.date"),
  compare: bindHost("intl.compare"),
  invoke: bindHost("intl.invoke"),
  segments: bindHost("intl.segments"),
  formatDate: bindHost("intl.formatDate"),
  locale: bindHost("intl.locale"),
  askLocale: bindHost("intl.askLocale"),
  canonicalLocales: bindHost("intl.canonicalLocales"),
  supportedLocales: bindHost("intl.supportedLocales"),
  supportedValues: bindHost("intl.supportedValues"),
  changeCase: bindHost("intl.changeCase"),
};
