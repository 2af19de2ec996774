/**
 * Timestamped cosignatures on checkpoints (c2sp.org/tlog-cosignature), Ed25519 (type 0x04) and ML-DSA-44 (type 0x06):
 *
 *     signature = u64 seconds || raw signature
 *     message   = "cosignature/v1\ntime <seconds>\n" || text       of 0x04
 *                 "subtree/v1\n\0" || name || u64 seconds || origin || u64 0 || u64 size || root       of 0x06
 */
import { ascii, joined, u64 } from "./bytes";
import { BrokenInput } from "./fault";
import {
  ED25519_COSIGNATURE,
  ML_DSA_44_COSIGNATURE,
  parseCheckpoint,
  type Verifier,
  type VerifierKey,
  verifySignature,
} from "./note";

const RAW_SIGNATURE_BYTES = new Map([
  [ED25519_COSIGNATURE, 64],
  [ML_DSA_44_COSIGNATURE, 2420],
]);
const TIME_BYTES = 8;

/** A key of type 0x04 or 0x06. Lines that state a time beyond 2^53 - 1 seconds verify nowhere here. */
export function cosignatureVerifier(key: VerifierKey): Verifier {
  return { key, verify: (text, signature) => isCosigned(key, text, signature) };
}

function isCosigned(key: VerifierKey, text: string, signature: Uint8Array): boolean {
  if (signature.length !== TIME_BYTES + (RAW_SIGNATURE_BYTES.get(key.type) ?? Number.NaN)) return false;
  const view = new DataView(signature.buffer, signature.byteOffset, TIME_BYTES);
  const seconds = Number(view.getBigUint64(0));
  if (!Number.isSafeInteger(seconds)) return false;
  try {
    return verifySignature(key.publicKey, messageOf(key, text, seconds), signature.subarray(TIME_BYTES));
  } catch (error) {
    if (error instanceof BrokenInput) return false;
    throw error;
  }
}

function messageOf(key: VerifierKey, text: string, seconds: number): Uint8Array {
  const checkpoint = parseCheckpoint(text);
  if (key.type === ED25519_COSIGNATURE) return ascii(`cosignature/v1\ntime ${seconds}\n${text}`);
  const head = [ascii("subtree/v1\n\0"), short(key.name), u64(seconds), short(checkpoint.origin)];
  return joined(...head, u64(0), u64(checkpoint.size), checkpoint.root);
}

function short(text: string): Uint8Array {
  const data = ascii(text);
  if (data.length < 1 || data.length > 255) {
    throw new BrokenInput(`expected a name of 1 to 255 bytes, found ${data.length}`);
  }
  return joined(Uint8Array.of(data.length), data);
}
