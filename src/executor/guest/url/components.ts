/** Where the components of a serialized URL stand in it. The serialization is unambiguous, so no parser is needed. */

export interface Components {
  /** After the scheme's colon. */
  protocolEnd: number;
  usernameStart: number;
  usernameEnd: number;
  passwordStart: number;
  passwordEnd: number;
  hostStart: number;
  hostEnd: number;
  /** Start of the digits, or hostEnd when there is no port. */
  portStart: number;
  portEnd: number;
  pathStart: number;
  pathEnd: number;
  searchEnd: number;
}

export function locate(href: string): Components {
  const hash = href.indexOf("#");
  const searchEnd = hash < 0 ? href.length : hash;
  const question = href.indexOf("?");
  const pathEnd = question < 0 || question > searchEnd ? searchEnd : question;
  const protocolEnd = href.indexOf(":") + 1;
  const found: Components = {
    protocolEnd,
    usernameStart: protocolEnd,
    usernameEnd: protocolEnd,
    passwordStart: protocolEnd,
    passwordEnd: protocolEnd,
    hostStart: protocolEnd,
    hostEnd: protocolEnd,
    portStart: protocolEnd,
    portEnd: protocolEnd,
    pathStart: protocolEnd,
    pathEnd,
    searchEnd,
  };
  if (href.startsWith("//", protocolEnd)) locateAuthority(href, protocolEnd + 2, found);
  // "/." keeps a path that starts with two slashes apart from an authority.
  else if (href.startsWith("/.//", protocolEnd)) found.pathStart += 2;
  return found;
}

function locateAuthority(href: string, start: number, found: Components): void {
  const { pathEnd } = found;
  const slash = href.indexOf("/", start);
  const end = slash < 0 || slash > pathEnd ? pathEnd : slash;
  found.pathStart = end;
  const at = href.lastIndexOf("@", end - 1);
  let host = start;
  found.usernameStart = start;
  found.usernameEnd = start;
  found.passwordStart = start;
  found.passwordEnd = start;
  if (at >= start) {
    const colon = href.indexOf(":", start);
    found.usernameEnd = colon >= 0 && colon < at ? colon : at;
    found.passwordStart = colon >= 0 && colon < at ? colon + 1 : at;
    found.passwordEnd = at;
    host = at + 1;
  }
  found.hostStart = host;
  const bracket = href[host] === "[" ? href.indexOf("]", host) : host;
  const colon = href.indexOf(":", bracket);
  found.portEnd = end;
  found.hostEnd = colon >= 0 && colon < end ? colon : end;
  found.portStart = colon >= 0 && colon < end ? colon + 1 : end;
}
