/** WebCrypto: vectors of NIST and the RFCs, round trips, and what each method refuses and how. */
import type { CaseTable } from "./outcomes.ts";
import { cipherCases } from "./crypto/ciphers.ts";
import { derivationCases } from "./crypto/derivation.ts";
import { digestCases } from "./crypto/digests.ts";
import { errorCases } from "./crypto/errors.ts";
import { interfaceCases } from "./crypto/interfaces.ts";
import { keyCases } from "./crypto/keys.ts";
import { modernCases } from "./crypto/modern.ts";
import { signatureCases } from "./crypto/signatures.ts";

export const cases: CaseTable = {
  ...interfaceCases,
  ...digestCases,
  ...cipherCases,
  ...signatureCases,
  ...derivationCases,
  ...keyCases,
  ...errorCases,
  ...modernCases,
};
