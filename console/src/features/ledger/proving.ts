/** Proofs of the ledger checked in this browser: what is fetched for them, and with which keys. */
import { client, given } from "../../api/client";
import { fromBase64Url } from "../../verify/bytes";
import { type Checked, checkEntry, type Keys, logKeys, type Receipt } from "../../verify/entry_proof";
import { parseVkey } from "../../verify/note";
import { type KeysAnswer, rememberProof, type Standing } from "./queries";

/** The path that an older tree is the beginning of a newer one. */
export async function consistencyPath(old: number, size: number): Promise<readonly Uint8Array[]> {
  if (old === 0 || old === size) return [];
  const query = { old, new: size };
  const answer = await given(client.GET("/v1/ledger/proofs/consistency", { params: { query } }));
  return answer.hashes.map(fromBase64Url);
}

/** The keys that lines of a checkpoint of this size are checked with. */
export function keysAt(
  size: number,
  pinned: string | null,
  known: KeysAnswer,
  standing: Standing | undefined,
): Keys {
  const witnesses = (standing?.items ?? []).flatMap((one) => one.vkeys).map(parseVkey);
  return { log: logKeys(size, pinned, known.lists, known.items), witnesses };
}

/** Checks an entry, and remembers it when it holds. */
export function checkedEntry(receipt: Receipt, keys: (size: number) => Keys): Checked {
  const checked = checkEntry(receipt, keys);
  rememberProof(receipt.index, receipt.leaf_hash, checked.isProven);
  return checked;
}
