/** encrypt and decrypt: AES in the same turn when the data is small, everything else on a thread. */
import {
  createCipheriv,
  createDecipheriv,
  type CipherGCM,
  type CipherGCMTypes,
  type DecipherGCM,
} from "node:crypto";
import type { HostContext, HostOperations, HostValue } from "../host-function.ts";
import { aesCtr } from "./aes-ctr.ts";
import { aesOcb } from "./aes-ocb.ts";
import { aesUnwrap, aesWrap } from "./aes-kw.ts";
import { asHostError, native, operationError } from "./errors.ts";
import { nativeKey } from "./keys.ts";
import { bytesOf, fromBase64, readParameters, type Parameters } from "./parameters.ts";

const TAG_BITS = [32, 64, 96, 104, 112, 120, 128];

interface Job {
  encrypting: boolean;
  parameters: Parameters;
  key: Uint8Array;
  data: Uint8Array;
}

function checkGcm(
  { name, tagLength = 128 }: Parameters,
  encrypting: boolean,
  dataBytes: number,
): void {
  const lengths = name === "AES-GCM" ? TAG_BITS : [128];
  if (!lengths.includes(tagLength))
    throw operationError(
      `Cannot use ${name}: a tag of ${tagLength} bits is not one of ${lengths.join(", ")}`,
    );
  if (!encrypting && dataBytes * 8 < tagLength)
    throw operationError(`Cannot decrypt with ${name}: the data is shorter than its tag`);
}

function aesGcm({ encrypting, parameters, key, data }: Job): Uint8Array {
  const tagBytes = (parameters.tagLength ?? 128) / 8;
  const algorithm = `aes-${key.byteLength * 8}-gcm` as CipherGCMTypes;
  const iv = bytesOf(parameters.iv);
  const options = { authTagLength: tagBytes };
  if (encrypting) {
    const cipher: CipherGCM = createCipheriv(algorithm, key, iv, options);
    if (parameters.additionalData) cipher.setAAD(parameters.additionalData);
    const body = [cipher.update(data), cipher.final()];
    return Buffer.concat([...body, cipher.getAuthTag()]);
  }
  const decipher: DecipherGCM = createDecipheriv(algorithm, key, iv, options);
  if (parameters.additionalData) decipher.setAAD(parameters.additionalData);
  decipher.setAuthTag(data.subarray(data.byteLength - tagBytes));
  return Buffer.concat([
    decipher.update(data.subarray(0, data.byteLength - tagBytes)),
    decipher.final(),
  ]);
}

function aesCbc({ encrypting, parameters, key, data }: Job): Uint8Array {
  const iv = bytesOf(parameters.iv);
  if (!encrypting && (data.byteLength === 0 || data.byteLength % 16 !== 0)) {
    throw operationError(
      "Cannot decrypt with AES-CBC: the data is not a positive number of blocks",
    );
  }
  const make = encrypting ? createCipheriv : createDecipheriv;
  const cipher = make(`aes-${key.byteLength * 8}-cbc`, key, iv);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function checkParameters(parameters: Parameters, encrypting: boolean, dataBytes: number): void {
  const { name, iv } = parameters;
  if (name === "AES-CBC" && iv?.byteLength !== 16)
    throw operationError(`Cannot use AES-CBC: the iv has ${iv?.byteLength ?? 0} bytes, not 16`);
  if (name === "AES-GCM" || name === "ChaCha20-Poly1305")
    checkGcm(parameters, encrypting, dataBytes);
  if (name === "AES-GCM" && iv?.byteLength === 0)
    throw operationError("Cannot use AES-GCM: the iv is empty");
}

function runAes(job: Job): Uint8Array {
  const { encrypting, parameters, key, data } = job;
  checkParameters(parameters, encrypting, data.byteLength);
  if (parameters.name === "AES-OCB") return aesOcb(encrypting, key, parameters, data);
  if (parameters.name === "AES-KW") return encrypting ? aesWrap(key, data) : aesUnwrap(key, data);
  if (parameters.name === "AES-CTR")
    return aesCtr(key, bytesOf(parameters.counter), parameters.length ?? 0, data);
  return parameters.name === "AES-GCM" ? aesGcm(job) : aesCbc(job);
}

function aes(
  verb: HostValue,
  json: HostValue,
  material: HostValue,
  data: HostValue,
  bytes: HostValue[],
): Uint8Array {
  const parameters = readParameters(json, bytes);
  const job = {
    encrypting: verb === "encrypt",
    parameters,
    key: fromBase64(String(material)),
    data: bytesOf(data),
  };
  try {
    return runAes(job);
  } catch (error) {
    throw asHostError(error, "OperationError", `Cannot ${String(verb)} with ${parameters.name}`);
  }
}

function nativeParameters(parameters: Parameters): AlgorithmIdentifier {
  const { name, iv, additionalData, tagLength, label } = parameters;
  return {
    name,
    ...(iv ? { iv } : {}),
    ...(additionalData ? { additionalData } : {}),
    ...(tagLength === undefined ? {} : { tagLength }),
    ...(label ? { label } : {}),
  };
}

async function cipher(context: HostContext, args: HostValue[]): Promise<Uint8Array> {
  const [verb, json, type, algorithm, material, data, ...bytes] = args;
  const encrypting = verb === "encrypt";
  const parameters = readParameters(json, bytes);
  if (parameters.name === "AES-CTR") return aes(verb, json, material, data, bytes);
  checkParameters(parameters, encrypting, bytesOf(data).byteLength);
  return native("OperationError", `Cannot ${String(verb)} with ${parameters.name}`, async () => {
    const key = await nativeKey(context, type, algorithm, material);
    const run = encrypting ? crypto.subtle.encrypt : crypto.subtle.decrypt;
    const result = await run.call(crypto.subtle, nativeParameters(parameters), key, bytesOf(data));
    return new Uint8Array(result);
  });
}

export const cipherOperations: HostOperations = {
  "crypto.aes": (_context, verb, json, _type, _algorithm, material, data, ...bytes) =>
    aes(verb, json, material, data, bytes),
  "crypto.cipher": (context, ...args) => cipher(context, args),
};
