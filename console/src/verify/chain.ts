/** The hash chain: SHA-256("muniment/chain/v1\n" || chain hash before || leaf hash), as `ledger.chain` has it. */
import { ascii } from "./bytes";
import { BrokenInput } from "./fault";
import { HASH_BYTES } from "./merkle";
import { SizedDigest } from "./sha256";

const TAG = ascii("muniment/chain/v1\n");
const LINK = new SizedDigest(TAG.length + 2 * HASH_BYTES);
LINK.data.set(TAG);

/** The chain hash of an entry; hashes of another length are `BrokenInput`. */
export function chainHash(before: Uint8Array, leaf: Uint8Array): Uint8Array {
  if (before.length !== HASH_BYTES || leaf.length !== HASH_BYTES) {
    throw new BrokenInput(
      `expected two hashes of ${HASH_BYTES} bytes, found ${before.length} and ${leaf.length}`,
    );
  }
  LINK.data.set(before, TAG.length);
  LINK.data.set(leaf, TAG.length + HASH_BYTES);
  return LINK.digest();
}
