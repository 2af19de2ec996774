/** Whether the entries of a subject are all there are up to the size that the ledger counted them at. */
import { fromBase64Url, toHex } from "./bytes";
import { byCodePoint } from "./canonical";
import type { EntryTable } from "./entry";
import { integerOf, type Json, textOf, Unreadable } from "./fault";
import { type CountProof, checkCount } from "./proofs";
import { Faults } from "./told";

/** Of each subject with a proof, whether the entries before `index` are all there are. */
export function countFaults(
  entries: EntryTable,
  found: readonly (CountProof | undefined)[],
  index: number,
  payload: Json,
): Faults {
  const root = fromBase64Url(textOf(payload, "root"));
  const bySubject = new Map<string, number[]>();
  for (const at of entries.inOrder()) {
    const subject = entries.subject(at);
    if (entries.number(at) >= index) continue;
    const before = bySubject.get(subject);
    if (before === undefined) bySubject.set(subject, [at]);
    else before.push(at);
  }
  const faults = new Faults();
  const proofs = found.filter((proof) => proof !== undefined);
  for (const proof of proofs.sort((left, right) => byCodePoint(left.subject, right.subject))) {
    if (proof.total !== integerOf(payload, "subjects") || !checkCount(proof, root)) {
      faults.add(`${proof.subject}: its count is not the one the ledger states`);
      continue;
    }
    const of = bySubject.get(proof.subject) ?? [];
    const isWhole =
      of.length === proof.entries && of.every((at, number) => entries.subjectIndex(at) === number);
    const last = of.at(-1);
    if (!isWhole) faults.add(`${proof.subject}: expected ${proof.entries} entries, found ${of.length}`);
    else if (last === undefined) throw new Unreadable("IndexError list index out of range");
    else if (toHex(entries.leaf(last)) !== toHex(proof.lastLeaf)) {
      faults.add(`${proof.subject}: its last entry is another`);
    }
  }
  return faults;
}
