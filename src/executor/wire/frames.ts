/** Frame types between the platform's process and an executor process. */
export const FRAME = {
  // platform -> executor
  /** word script number, text JSON of the ExecutableScript. */
  script: 1,
  /** word script number: it is not used any more. */
  forgetScript: 2,
  /** A request; see encodeRequest. */
  request: 3,
  abort: 4,
  /** word: bytes of the response body that were consumed. */
  credit: 5,
  requestChunk: 6,
  requestEnd: 7,
  requestError: 8,
  serviceResult: 9,
  serviceError: 10,
  /** execution = evaluation number; word script number. */
  evaluate: 11,
  ping: 12,
  /** text JSON of ProcessSettings; bytes image key. The first frame. */
  hello: 13,
  socketMessage: 14,
  socketClose: 15,
  /** The client's side is there: the script's socket is open. */
  socketOpen: 16,
  /** execution = script number: its image is asked for. */
  imageWanted: 17,
  // executor -> platform
  ready: 32,
  /** A response that ended in the turn that made it; see encodeComplete. */
  complete: 33,
  head: 34,
  chunk: 35,
  bodyEnd: 36,
  bodyError: 37,
  end: 38,
  /** The script wants more of the request's body. */
  requestNeed: 39,
  requestCancel: 40,
  serviceCall: 41,
  evaluated: 42,
  /** double: images, double: bytes in the image cache. */
  pong: 43,
  socketSend: 44,
  socketShut: 45,
  /** execution = script number; bytes of the image, none where there is no image. */
  image: 46,
} as const;

export const BODY = { none: 0, bytes: 1, stream: 2, text: 3 } as const;

/** How much of a response body may be on its way before the script has to wait. */
export const WINDOW_BYTES = 256 * 1024;
