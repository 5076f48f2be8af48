export const hex = (data: ArrayBuffer | Uint8Array): string =>
  [...new Uint8Array(data as ArrayBuffer)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

export const unhex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g) ?? [], (pair) =>
    Number.parseInt(pair, 16),
  );

export const utf8 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** 0, 1, 2 ... */
export const counting = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => index & 0xff);

export const { subtle } = crypto;
