/** sign and verify with key pairs, and key encapsulation. */
import type { HostContext, HostOperations, HostValue } from "../host-function.ts";
import { signEd448, verifyEd448 } from "./curve448.ts";
import { native } from "./errors.ts";
import { nativeKey } from "./keys.ts";
import { bytesOf, readParameters, type Parameters } from "./parameters.ts";
import { hasSmallOrder } from "./small-order.ts";

function nativeParameters({ name, hash, saltLength, context }: Parameters): EcdsaParams {
  return {
    name,
    ...(hash ? { hash } : {}),
    ...(saltLength === undefined ? {} : { saltLength }),
    ...(context ? { context } : {}),
  } as EcdsaParams;
}

async function sign(context: HostContext, args: HostValue[]): Promise<Uint8Array> {
  const [json, type, algorithm, material, data, ...bytes] = args;
  const parameters = readParameters(json, bytes);
  return native("OperationError", `Cannot sign with ${parameters.name}`, async () => {
    requireType(type, "private");
    if (parameters.name === "Ed448")
      return signEd448(String(material), bytesOf(data), parameters.context);
    const key = await nativeKey(context, type, algorithm, material);
    return new Uint8Array(
      await crypto.subtle.sign(nativeParameters(parameters), key, bytesOf(data)),
    );
  });
}

async function verify(context: HostContext, args: HostValue[]): Promise<boolean> {
  const [json, type, algorithm, material, signature, data, ...bytes] = args;
  const parameters = readParameters(json, bytes);
  return native("OperationError", `Cannot verify with ${parameters.name}`, async () => {
    requireType(type, "public");
    if (parameters.name === "Ed448")
      return verifyEd448(String(material), bytesOf(signature), bytesOf(data), parameters.context);
    if (parameters.name === "Ed25519" && hasSmallOrder(String(material), bytesOf(signature)))
      return false;
    const key = await nativeKey(context, type, algorithm, material);
    return crypto.subtle.verify(
      nativeParameters(parameters),
      key,
      bytesOf(signature),
      bytesOf(data),
    );
  });
}

function requireType(type: HostValue, wanted: "public" | "private"): void {
  if (type !== wanted) throw new DOMException(`the key is not ${wanted}`, "InvalidAccessError");
}

interface Encapsulation {
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Uint8Array): Promise<ArrayBuffer>;
}

const kem = (): Encapsulation => crypto.subtle as unknown as Encapsulation;

async function encapsulate(context: HostContext, args: HostValue[]): Promise<Uint8Array> {
  const [json, type, algorithm, material] = args;
  const { name } = readParameters(json, []);
  return native("OperationError", `Cannot encapsulate with ${name}`, async () => {
    requireType(type, "public");
    const made = await kem().encapsulateBits(
      name,
      await nativeKey(context, type, algorithm, material),
    );
    return Buffer.concat([new Uint8Array(made.sharedKey), new Uint8Array(made.ciphertext)]);
  });
}

async function decapsulate(context: HostContext, args: HostValue[]): Promise<Uint8Array> {
  const [json, type, algorithm, material, ciphertext] = args;
  const { name } = readParameters(json, []);
  return native("OperationError", `Cannot decapsulate with ${name}`, async () => {
    requireType(type, "private");
    const key = await nativeKey(context, type, algorithm, material);
    return new Uint8Array(await kem().decapsulateBits(name, key, bytesOf(ciphertext)));
  });
}

export const signatureOperations: HostOperations = {
  "crypto.sign": (context, ...args) => sign(context, args),
  "crypto.verify": (context, ...args) => verify(context, args),
  "crypto.encapsulate": (context, ...args) => encapsulate(context, args),
  "crypto.decapsulate": (context, ...args) => decapsulate(context, args),
};
