/**
 * Which algorithm supports which operation, and with what parameters. A parameter is written
 * `name:kind`, with `!` when it is required, in the order in which its dictionaries are converted.
 */
export type Operation =
  | "encrypt"
  | "decrypt"
  | "sign"
  | "verify"
  | "digest"
  | "deriveBits"
  | "wrapKey"
  | "unwrapKey"
  | "generateKey"
  | "importKey"
  | "exportKey"
  | "getKeyLength"
  | "encapsulate"
  | "decapsulate";

type Supported = Partial<Record<Operation, string>>;

const aesKeys = {
  generateKey: "length:u16!",
  importKey: "",
  exportKey: "",
  getKeyLength: "length:u16!",
};
const both = (a: Operation, b: Operation, parameters: string): Supported => ({
  [a]: parameters,
  [b]: parameters,
});
const rsaKeys = {
  generateKey: "modulusLength:u32! publicExponent:integer! hash:hash!",
  importKey: "hash:hash!",
  exportKey: "",
};
const curveKeys = {
  generateKey: "namedCurve:string!",
  importKey: "namedCurve:string!",
  exportKey: "",
};
const plainKeys = { generateKey: "", importKey: "", exportKey: "" };
const aead = both("encrypt", "decrypt", "additionalData:bytes iv:bytes! tagLength:octet");
const kmac = {
  ...both("sign", "verify", "customization:bytes outputLength:u32!"),
  generateKey: "length:u32",
  importKey: "length:u32",
  exportKey: "",
  getKeyLength: "length:u32",
};
const postQuantumSign = { ...both("sign", "verify", "context:bytes"), ...plainKeys };
const postQuantumKem = { ...both("encapsulate", "decapsulate", ""), ...plainKeys };

export const ALGORITHMS: Readonly<Record<string, Supported>> = {
  "AES-CBC": { ...both("encrypt", "decrypt", "iv:bytes!"), ...aesKeys },
  "AES-CTR": { ...both("encrypt", "decrypt", "counter:bytes! length:octet!"), ...aesKeys },
  "AES-GCM": { ...aead, ...aesKeys },
  "AES-OCB": { ...aead, ...aesKeys },
  "AES-KW": { ...both("wrapKey", "unwrapKey", ""), ...aesKeys },
  "ChaCha20-Poly1305": { ...aead, ...plainKeys, getKeyLength: "" },
  HMAC: {
    ...both("sign", "verify", ""),
    generateKey: "hash:hash! length:u32",
    importKey: "hash:hash! length:u32",
    exportKey: "",
    getKeyLength: "hash:hash! length:u32",
  },
  "RSASSA-PKCS1-v1_5": { ...both("sign", "verify", ""), ...rsaKeys },
  "RSA-PSS": { ...both("sign", "verify", "saltLength:u32!"), ...rsaKeys },
  "RSA-OAEP": { ...both("encrypt", "decrypt", "label:bytes"), ...rsaKeys },
  ECDSA: { ...both("sign", "verify", "hash:hash!"), ...curveKeys },
  ECDH: { deriveBits: "public:key!", ...curveKeys },
  Ed25519: { ...both("sign", "verify", ""), ...plainKeys },
  X25519: { deriveBits: "public:key!", ...plainKeys },
  Ed448: { ...both("sign", "verify", "context:bytes"), ...plainKeys },
  X448: { deriveBits: "public:key!", ...plainKeys },
  HKDF: { deriveBits: "hash:hash! info:bytes! salt:bytes!", importKey: "", getKeyLength: "" },
  PBKDF2: { deriveBits: "hash:hash! iterations:u32! salt:bytes!", importKey: "", getKeyLength: "" },
  "SHA-1": { digest: "" },
  "SHA-256": { digest: "" },
  "SHA-384": { digest: "" },
  "SHA-512": { digest: "" },
  "SHA3-256": { digest: "" },
  "SHA3-384": { digest: "" },
  "SHA3-512": { digest: "" },
  cSHAKE128: { digest: "customization:bytes functionName:bytes outputLength:u32!" },
  cSHAKE256: { digest: "customization:bytes functionName:bytes outputLength:u32!" },
  TurboSHAKE128: { digest: "domainSeparation:octet outputLength:u32!" },
  TurboSHAKE256: { digest: "domainSeparation:octet outputLength:u32!" },
  KT128: { digest: "customization:bytes outputLength:u32!" },
  KT256: { digest: "customization:bytes outputLength:u32!" },
  KMAC128: kmac,
  KMAC256: kmac,
  "ML-DSA-44": postQuantumSign,
  "ML-DSA-65": postQuantumSign,
  "ML-DSA-87": postQuantumSign,
  "ML-KEM-768": postQuantumKem,
  "ML-KEM-1024": postQuantumKem,
};
