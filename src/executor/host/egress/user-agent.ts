/** What fetch and WebSocket send; `navigator.userAgent` says the same, as WinterTC wants it. */
export const USER_AGENT = "Deno/2.9.6 PiCloud";
