/** A request to one of the tests' server-side scripts. */
export interface Call {
  request: Request;
  url: URL;
  query: URLSearchParams;
  body: Uint8Array<ArrayBuffer>;
}
